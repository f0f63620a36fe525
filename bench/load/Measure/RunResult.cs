namespace Tarn.Load.Measure;

/// <summary>All that a run measured.</summary>
/// <param name="Elapsed">From the first request's start to the last one's end.</param>
/// <param name="Operations">By kind: get, put, stat, …</param>
/// <param name="ErrorMessages">The first distinct ones.</param>
/// <param name="Reconnects">Connections the server had closed between requests.</param>
/// <param name="ClientCpuSeconds">This process's own.</param>
/// <param name="ServerBefore">Null without --server-pid.</param>
/// <param name="ServerAfter">Null without --server-pid.</param>
/// <param name="PeakIsOfRun">The server's peak memory counts from the run's start, not from the server's.</param>
internal sealed record RunResult(
    TimeSpan Elapsed,
    IReadOnlyDictionary<string, OperationStats> Operations,
    IReadOnlyList<string> ErrorMessages,
    long Reconnects,
    double ClientCpuSeconds,
    ServerSample? ServerBefore,
    ServerSample? ServerAfter,
    bool PeakIsOfRun)
{
    public long Requests => Operations.Values.Sum(o => o.Requests);

    public long Bytes => Operations.Values.Sum(o => o.Bytes);

    public long Errors => Operations.Values.Sum(o => o.Errors);

    /// <summary>Processor seconds the server spent on this run; null when unknown.</summary>
    public double? ServerCpuSeconds => ServerAfter?.CpuSeconds - ServerBefore?.CpuSeconds;

    public double? CpuMicrosecondsPerRequest => Requests == 0 ? null : ServerCpuSeconds * 1e6 / Requests;

    /// <summary>Per 10^9 bytes of object data.</summary>
    public double? CpuSecondsPerGigabyte => Bytes == 0 ? null : ServerCpuSeconds * 1e9 / Bytes;
}
