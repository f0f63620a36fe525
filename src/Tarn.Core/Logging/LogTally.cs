namespace Tarn.Core.Logging;

/// <summary>Counts what became of lines since the process started. Thread-safe.</summary>
public sealed class LogTally
{
    private readonly long[] _lost = new long[Enum.GetValues<LogLoss>().Length];
    private long _delivered;
    private long _objects;
    private long _failures;

    /// <summary>Lines that were delivered.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Objects that were written.</summary>
    public long Objects => Interlocked.Read(ref _objects);

    /// <summary>Deliveries of an object that failed; they are tried again.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Lines that were lost.</summary>
    public long Lost(LogLoss why) => Interlocked.Read(ref _lost[(int)why]);

    internal void AddObject(long lines)
    {
        Interlocked.Add(ref _delivered, lines);
        Interlocked.Increment(ref _objects);
    }

    internal void AddFailure() => Interlocked.Increment(ref _failures);

    internal void AddLost(LogLoss why, long lines) => Interlocked.Add(ref _lost[(int)why], lines);
}
