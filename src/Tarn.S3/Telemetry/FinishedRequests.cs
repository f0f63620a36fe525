namespace Tarn.S3.Telemetry;

/// <summary>Reports requests that have ended: to the metrics, and to every sink.</summary>
/// <param name="sinks">The sinks.</param>
public sealed class FinishedRequests(IEnumerable<IFinishedRequestSink> sinks)
{
    private readonly IFinishedRequestSink[] _sinks = [.. sinks];

    /// <summary>Reports a request, once.</summary>
    public void Report(FinishedRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        RequestMetrics.Record(request);
        foreach (IFinishedRequestSink sink in _sinks)
        {
            sink.Add(request);
        }
    }
}
