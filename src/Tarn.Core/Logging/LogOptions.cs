namespace Tarn.Core.Logging;

/// <summary>How lines about requests are collected and delivered.</summary>
public sealed record LogOptions
{
    /// <summary>How long lines are collected before they are delivered: with the delivery itself, they are at most five minutes behind.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>Bytes that may wait on disk to be delivered; lines that do not fit are lost.</summary>
    public long SpoolBytes { get; init; } = 256L << 20;

    /// <summary>Bytes after which a segment is delivered before its time. An object holds the lines of at most one segment.</summary>
    public int SegmentBytes { get; init; } = 8 << 20;

    /// <summary>Characters of lines that may wait in memory to be written to disk; lines that do not fit are lost.</summary>
    public int QueuedCharacters { get; init; } = 4 << 20;

    /// <summary>How long a delivery that failed is tried again.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The time between two tries.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(30);
}
