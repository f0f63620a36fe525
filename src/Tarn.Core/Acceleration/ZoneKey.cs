namespace Tarn.Core.Acceleration;

/// <summary>
/// The key with which the capabilities of a zone are made for one hour, the <em>epoch</em>. Accelerators of the zone get it when they register, and check with it what
/// other accelerators present to them.
/// </summary>
public sealed record ZoneKey
{
    /// <summary>Bytes in a key.</summary>
    public const int Size = 32;

    /// <summary>How long one epoch lasts.</summary>
    public static readonly TimeSpan EpochLength = TimeSpan.FromHours(1);

    /// <summary>The number of its epoch: hours since 1970.</summary>
    public required uint Epoch { get; init; }

    /// <summary>The key, which is a secret of the zone's.</summary>
    public required byte[] Key { get; init; }

    /// <summary>When the last capability that was made with it expires, Unix milliseconds.</summary>
    public required long Until { get; init; }

    /// <summary>The epoch of a time.</summary>
    public static uint EpochOf(DateTimeOffset time) => (uint)(time.ToUnixTimeSeconds() / (long)EpochLength.TotalSeconds);

    /// <summary>When the last capability that was made in an epoch expires, Unix milliseconds.</summary>
    public static long UntilOf(uint epoch) => (((long)epoch + 1) * (long)EpochLength.TotalMilliseconds) + (long)BlobCapability.MaxLife.TotalMilliseconds;

    /// <summary>The epoch alone, so that a log line cannot leak the key.</summary>
    public override string ToString() => $"zone key of epoch {Epoch}";
}
