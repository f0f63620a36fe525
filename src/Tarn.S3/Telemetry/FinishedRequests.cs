using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Tarn.S3.Telemetry;

/// <summary>Reports requests that have ended: to the metrics, and to every sink. A sink that fails changes nothing for the request, which has been served.</summary>
/// <param name="sinks">The sinks.</param>
/// <param name="logger">The log of failures.</param>
public sealed partial class FinishedRequests(IEnumerable<IFinishedRequestSink> sinks, ILogger<FinishedRequests> logger)
{
    private static readonly Counter<long> Failures = S3Telemetry.Meter.CreateCounter<long>(
        "tarn.requests.unreported", unit: "{report}", description: "Requests that a sink, such as the audit log or the list of recent requests, failed to take.");

    private readonly IFinishedRequestSink[] _sinks = [.. sinks];

    /// <summary>Whether a sink reads what a request said in HTTP.</summary>
    internal bool ReadHttp(FinishedRequest request)
    {
        foreach (IFinishedRequestSink sink in _sinks)
        {
            if (sink.ReadsHttp(request))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reports a request, once.</summary>
    public void Report(FinishedRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        RequestMetrics.Record(request);
        foreach (IFinishedRequestSink sink in _sinks)
        {
            try
            {
                sink.Add(request);
            }
            catch (Exception e)
            {
                Failures.Add(1);
                LogFailure(logger, e, sink.GetType().Name, request.RequestId);
            }
        }
    }

    [LoggerMessage(EventIds.ReportFailed, LogLevel.Error, "{Sink} failed to take the finished request {RequestId}")]
    private static partial void LogFailure(ILogger logger, Exception exception, string sink, string? requestId);
}
