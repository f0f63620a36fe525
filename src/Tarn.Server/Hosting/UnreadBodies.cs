using System.IO.Pipelines;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>
/// Ensures that no part of a request's body is taken for the next request on its connection, however the request was
/// answered. Kestrel alone would keep waiting for the announced bytes of a client that, having its answer, sends none: it would
/// swallow the next request's head. Source: RFC 9110, section 10.1.1; RFC 9112, sections 9.3 and 9.6.
/// </summary>
/// <remarks>
/// A body whose rest has arrived already, or is small and in transit, is read to its end and the connection stays open. Any other
/// ends its connection: the answer announces that, no more is sent, and what the client keeps sending is discarded for a while, since
/// closing with unread bytes sends a reset, which can destroy the answer. Over HTTP/2 a body has its own stream, which Kestrel
/// resets with NO_ERROR.
/// </remarks>
/// <param name="next">Answers the request.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs connections that are cut.</param>
/// <param name="stopping">Cancelled when the server stops: then nothing is waited for.</param>
internal sealed partial class UnreadBodies(RequestDelegate next, TimeProvider time, ILogger<UnreadBodies> logger, CancellationToken stopping)
{
    /// <summary>The maximum number of bytes discarded before the connection is cut.</summary>
    public const long MaxDrained = 256L * 1024 * 1024;

    /// <summary>How long the rest of a body may take in all.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(30);

    /// <summary>How long a client that was told of the end may send nothing.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);

    public Task InvokeAsync(HttpContext http)
    {
        HttpRequest request = http.Request;
        bool promised = request.ContentLength is > 0 || request.Headers.TransferEncoding.Count > 0;
        return promised && !HttpProtocol.IsHttp2(request.Protocol) ? ServeAsync(http) : next(http);
    }

    private async Task ServeAsync(HttpContext http)
    {
        var body = PromisedBody.Of(http);
        http.Response.OnStarting(static state => ((PromisedBody)state).Decide(), body);
        await next(http);
        if (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        _ = body.Decide();
        if (body.IsRead || body.IsBroken)
        {
            return;
        }

        await http.Response.CompleteAsync();
        if (body.Closes)
        {
            body.FinishSending();
        }

        if (!await DrainAsync(http, body))
        {
            LogCut(logger, http.TraceIdentifier);
            http.Abort();
        }
    }

    /// <summary>Reads the body to its end, or to that of the connection. False if it is too long or takes too long.</summary>
    private async Task<bool> DrainAsync(HttpContext http, PromisedBody body)
    {
        long started = time.GetTimestamp();
        TimeSpan patience = body.Closes ? IdleTime : DrainTime;
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        long drained = 0;
        try
        {
            while (true)
            {
                ReadResult read = await http.Request.BodyReader.ReadAsync(either.Token);
                drained += read.Buffer.Length;
                http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return true;
                }

                TimeSpan left = DrainTime - time.GetElapsedTime(started);
                if (drained > MaxDrained || left <= TimeSpan.Zero)
                {
                    return false;
                }

                limit.CancelAfter(left < patience ? left : patience);
            }
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has closed, as it was told to, or its framing is broken; either way the connection ends.
            return true;
        }
    }

    [LoggerMessage(EventIds.UnreadBodyCut, LogLevel.Debug, "The body of request {Id} went on for too long after its answer; its connection is cut")]
    private static partial void LogCut(ILogger logger, string id);
}
