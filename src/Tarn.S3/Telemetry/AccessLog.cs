using System.Net;
using Microsoft.Extensions.Logging;

namespace Tarn.S3.Telemetry;

/// <summary>The access log: one line for every request.</summary>
internal static partial class AccessLog
{
    public static void Write(ILogger logger, FinishedRequest outcome)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            Request(
                logger, outcome.Operation ?? outcome.Method, outcome.Bucket, outcome.LoggedKey, outcome.Status, outcome.ErrorCode, outcome.BytesIn, outcome.BytesOut,
                outcome.Total.TotalMilliseconds, outcome.TimeToFirstByte?.TotalMilliseconds, outcome.Principal?.AccessKeyId, outcome.RequestId, outcome.Remote, outcome.Accelerator, outcome.PlannedBytes);
        }
    }

    [LoggerMessage(EventIds.RequestServed, LogLevel.Debug, "{Operation} {Bucket} {Key} {Status} {ErrorCode} in={BytesIn} out={BytesOut} {Milliseconds:F1} ms first={FirstByteMilliseconds:F1} ms key={AccessKeyId} id={RequestId} from={Remote} accelerator={Accelerator} resolved={PlannedBytes}")]
    private static partial void Request(
        ILogger logger, string operation, string? bucket, string? key, int status, string? errorCode, long bytesIn, long bytesOut, double milliseconds, double? firstByteMilliseconds, string? accessKeyId, string? requestId, IPAddress? remote, string? accelerator, long? plannedBytes);
}
