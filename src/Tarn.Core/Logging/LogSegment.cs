using Tarn.Core.Model;

namespace Tarn.Core.Logging;

/// <summary>A file of lines in a <see cref="LogSpool"/>. What the collector and the delivery share of it is guarded by the spool.</summary>
/// <param name="name">Its name; open until it is sealed.</param>
/// <param name="length">Its length in bytes.</param>
/// <param name="since">A timestamp of the clock: when it was created, or found.</param>
/// <param name="age">How old it was then.</param>
internal sealed class LogSegment(SegmentName name, long length, long since, TimeSpan age)
{
    /// <summary>The name of the file.</summary>
    public SegmentName Name { get; private set; } = name;

    /// <summary>The name that sealing gives it, the same however often that is tried: the file may have it already.</summary>
    public SegmentName? SealedName { get; private set; }

    public string File => Name.ToString();

    public Id128 Id => Name.Id;

    /// <summary>The time of delivery in the keys of its objects.</summary>
    public DateTimeOffset Delivered => Name.Sealed!.Value;

    /// <summary>Bytes on disk.</summary>
    public long Length { get; set; } = length;

    /// <summary>How many lines it has; null when an earlier process wrote it and it was not read yet.</summary>
    public long? Lines { get; set; }

    /// <summary>The bytes of each owner's lines.</summary>
    public Dictionary<string, long> Owners { get; set; } = [];

    /// <summary>Whether nothing of it is to be delivered any more: it only has to be deleted.</summary>
    public bool IsDone { get; set; }

    /// <summary>The objects that were written or given up, by number and partition: they are not counted again if its file cannot be changed.</summary>
    public HashSet<(int Number, int Partition)> Settled { get; } = [];

    /// <summary>A timestamp: its first failure in this process; null for none.</summary>
    public long? FailedSince { get; private set; }

    private long _triedAt;
    private bool _waits;

    /// <summary>How long its lines wait. Counted by timestamps, as the wall clock may be set.</summary>
    public TimeSpan AgeAt(TimeProvider clock) => age + clock.GetElapsedTime(since);

    /// <summary>Whether it is to be tried, now or again.</summary>
    public bool IsDue(TimeProvider clock, TimeSpan pause) => !_waits || clock.GetElapsedTime(_triedAt) >= pause;

    /// <summary>Notes that it could not be delivered, so that it is tried again after a pause.</summary>
    /// <returns>How long it has been failing.</returns>
    public TimeSpan Fail(TimeProvider clock)
    {
        (_triedAt, _waits) = (clock.GetTimestamp(), true);
        FailedSince ??= _triedAt;
        return clock.GetElapsedTime(FailedSince.Value);
    }

    /// <summary>Decides on the name that sealing gives it.</summary>
    public SegmentName NameSealed(TimeProvider clock)
    {
        SealedName ??= Name with { Sealed = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds()) };
        return SealedName.Value;
    }

    /// <summary>Notes that the file has that name.</summary>
    public void Seal() => Name = SealedName!.Value;
}
