using System.Net;
using Microsoft.Extensions.Logging;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Pipeline;

/// <summary>One line for every request served.</summary>
internal static partial class AccessLog
{
    /// <summary>The status written for a client that left before its answer, as nginx has it.</summary>
    public const int ClientClosedRequest = 499;

    public static void Write(ILogger logger, S3Context context, int status, TimeSpan elapsed)
    {
        if (!logger.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        Request(
            logger,
            context.Operation?.Name ?? context.Request.Method,
            context.Address.Bucket,
            context.Address.Target == Routing.S3Target.Object ? context.Key.ToString() : null,
            status,
            context.Request.ContentLength,
            context.Response.ContentLength,
            elapsed.TotalMilliseconds,
            context.Principal?.AccessKeyId,
            context.RequestId,
            context.Http.Connection.RemoteIpAddress);
    }

    [LoggerMessage(EventIds.RequestServed, LogLevel.Debug, "{Operation} {Bucket} {Key} {Status} in={BytesIn} out={BytesOut} {Milliseconds:F1} ms key={AccessKeyId} id={RequestId} from={Remote}")]
    private static partial void Request(
        ILogger logger, string operation, string? bucket, string? key, int status, long? bytesIn, long? bytesOut, double milliseconds, string? accessKeyId, string requestId, IPAddress? remote);
}
