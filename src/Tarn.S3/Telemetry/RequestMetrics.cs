using System.Diagnostics.Metrics;

namespace Tarn.S3.Telemetry;

/// <summary>Metrics of requests by operation and outcome. Labels have only values that the server knows in advance.</summary>
internal static class RequestMetrics
{
    private const string OperationTag = "rpc.method";
    private const string StatusTag = "http.response.status_code";
    private const string ErrorTag = "error.type";

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    };

    private static readonly Counter<long> Requests = S3Telemetry.Meter.CreateCounter<long>(
        "tarn.s3.requests", unit: "{request}", description: "Requests by operation, status and error code.");

    private static readonly Histogram<double> Duration = S3Telemetry.Meter.CreateHistogram(
        "tarn.s3.request.duration", unit: "s", description: "Time from the start of a request to its end, by operation.", advice: Seconds);

    private static readonly Histogram<double> FirstByte = S3Telemetry.Meter.CreateHistogram(
        "tarn.s3.request.time_to_first_byte", unit: "s", description: "Time from the start of a request to the first byte of the object in its answer.", advice: Seconds);

    private static readonly Counter<long> Received = S3Telemetry.Meter.CreateCounter<long>(
        "tarn.s3.received", unit: "By", description: "Bytes read of request bodies, by operation.");

    private static readonly Counter<long> Sent = S3Telemetry.Meter.CreateCounter<long>(
        "tarn.s3.sent", unit: "By", description: "Bytes sent of response bodies, by operation.");

    private static readonly Counter<long> Planned = S3Telemetry.Meter.CreateCounter<long>(
        "tarn.s3.planned", unit: "By", description: "Bytes of objects in whose place accelerators were sent plans.");

    /// <summary>Boxed statuses, so that requests do not allocate them.</summary>
    private static readonly object[] Statuses = [.. Enumerable.Range(0, 600).Select(static status => (object)status)];

    public static void Record(FinishedRequest outcome)
    {
        var operation = new KeyValuePair<string, object?>(OperationTag, outcome.Operation ?? "_OTHER");
        var status = new KeyValuePair<string, object?>(StatusTag, Statuses[Math.Clamp(outcome.Status, 0, Statuses.Length - 1)]);
        if (outcome.ErrorCode is { } code)
        {
            Requests.Add(1, operation, status, new KeyValuePair<string, object?>(ErrorTag, code));
        }
        else
        {
            Requests.Add(1, operation, status);
        }

        Duration.Record(outcome.Total.TotalSeconds, operation);
        if (outcome.TimeToFirstByte is { } first)
        {
            FirstByte.Record(first.TotalSeconds, operation);
        }

        if (outcome.PlannedBytes is { } planned)
        {
            Planned.Add(planned);
        }

        if (outcome.BytesIn > 0)
        {
            Received.Add(outcome.BytesIn, operation);
        }

        if (outcome.BytesOut > 0)
        {
            Sent.Add(outcome.BytesOut, operation);
        }
    }
}
