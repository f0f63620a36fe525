using System.Net;
using Microsoft.Extensions.Logging;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Pipeline;

/// <summary>One line for every request served.</summary>
internal static partial class AccessLog
{
    /// <summary>The status written for a client that left before its answer, as nginx has it.</summary>
    public const int ClientClosedRequest = 499;

    public static void Write(ILogger logger, S3Request request, S3Caller? caller, int status, TimeSpan elapsed)
    {
        if (!logger.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        Request(
            logger,
            request.Operation?.Name ?? request.Method,
            request.Address.Bucket,
            request.Address.Target == Routing.S3Target.Object ? request.Key.ToString() : null,
            status,
            request.ContentLength,
            request.Http.Response.ContentLength,
            elapsed.TotalMilliseconds,
            caller?.Principal?.AccessKeyId,
            request.Id,
            request.Http.Connection.RemoteIpAddress);
    }

    [LoggerMessage(EventIds.RequestServed, LogLevel.Debug, "{Operation} {Bucket} {Key} {Status} in={BytesIn} out={BytesOut} {Milliseconds:F1} ms key={AccessKeyId} id={RequestId} from={Remote}")]
    private static partial void Request(
        ILogger logger, string operation, string? bucket, string? key, int status, long? bytesIn, long? bytesOut, double milliseconds, string? accessKeyId, string requestId, IPAddress? remote);
}
