namespace Tarn.Core.Scrubbing;

/// <summary>How stored data is scrubbed.</summary>
public sealed record ScrubOptions
{
    /// <summary>The maximum number of bytes to read in a second; 0: scrubbing is off.</summary>
    public long BytesPerSecond { get; init; } = 50L << 20;

    /// <summary>The maximum number of reads in a second.</summary>
    public int ReadsPerSecond { get; init; } = 200;

    /// <summary>The time from the start of one pass to that of the next.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long blobs that no row refers to are kept once they were set aside.</summary>
    public TimeSpan OrphanRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a store is served before its first pass begins.</summary>
    internal TimeSpan FirstDelay { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often the progress is saved.</summary>
    internal TimeSpan SaveInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long to wait before what could not be read is read again.</summary>
    internal TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The minimum number of blobs that are compared with the rows at once.</summary>
    internal int SliceBlobs { get; init; } = 200_000;

    /// <summary>How long to wait after every 256 rows or files of the search for orphans.</summary>
    internal TimeSpan OrphanPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Rows per page of the walk.</summary>
    internal int Page { get; init; } = 256;
}
