namespace Tarn.Core.Cache;

/// <summary>Where a cache keeps what, and how much of it.</summary>
/// <param name="Directory">A directory that has nothing else in it; created if it is missing.</param>
/// <param name="Capacity">Bytes of the device that the cache may take, with everything that belongs to it; at least <see cref="MinCapacity"/>.</param>
/// <param name="MaxAge">How long after its fetch a frame is used; null: until its room is needed.</param>
/// <param name="FetchMemory">Bytes of memory that frames may take while they are fetched and until they are on the device; at least <see cref="MinFetchMemory"/>.</param>
public sealed record BlockCacheOptions(string Directory, long Capacity, TimeSpan? MaxAge, long FetchMemory)
{
    /// <summary>The least capacity: 32 MiB.</summary>
    public const long MinCapacity = 32L << 20;

    /// <summary>The least memory for fetches: 4 MiB.</summary>
    public const long MinFetchMemory = 4L << 20;

    /// <summary>The most files that a cache of this capacity keeps open: its slabs, and the directory's lock.</summary>
    public int MaxOpenFiles => (int)Math.Min(int.MaxValue - 1, Capacity / SlabLayout.For(Capacity).FileSize) + 1;

    /// <summary>How long a read of the device may take before the source is asked instead.</summary>
    internal TimeSpan DeviceTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the device is left alone after it failed.</summary>
    internal TimeSpan DevicePause { get; init; } = TimeSpan.FromSeconds(30);

    /// <exception cref="ArgumentOutOfRangeException">A value is out of bounds.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Capacity, MinCapacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(FetchMemory, MinFetchMemory);
        if (MaxAge is { } age)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(age, TimeSpan.Zero, nameof(MaxAge));
        }
    }
}
