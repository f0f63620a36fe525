using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
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
    /// <summary>The size of a body, in bytes, up to which reading it is cheaper than a new connection.</summary>
    public const long SmallBody = 256 * 1024;

    /// <summary>The maximum number of bytes discarded before the connection is cut.</summary>
    public const long MostDrained = 256L * 1024 * 1024;

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
        AskedBody? asked = null;
        if (http.Request.Headers.Expect.Count > 0 && http.Request.ContentLength is null && http.Features.Get<IRequestBodyPipeFeature>() is { } pipe)
        {
            asked = new AskedBody(pipe);
            http.Features.Set<IRequestBodyPipeFeature>(asked);
        }

        var body = new PromisedBody(http, asked);
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
                if (drained > MostDrained || left <= TimeSpan.Zero)
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

    /// <summary>An announced HTTP/1 body, and the decision about its connection.</summary>
    /// <param name="http">The request.</param>
    /// <param name="asked">Tracks whether the client was asked for the body, if reading it would ask; otherwise null.</param>
    private sealed class PromisedBody(HttpContext http, AskedBody? asked)
    {
        /// <summary>The number of bytes that a fresh connection sends without waiting for its client.</summary>
        private const long SmallAnswer = 8 * 1024;

        private bool _decided;

        /// <summary>Whether all of the body has been read.</summary>
        public bool IsRead { get; private set; }

        /// <summary>Whether the answer announces that the connection closes.</summary>
        public bool Closes { get; private set; }

        /// <summary>Whether the body cannot be read to its end.</summary>
        public bool IsBroken { get; private set; }

        /// <summary>Decides about the connection, at the last moment at which the answer's headers can be changed.</summary>
        public Task Decide()
        {
            if (_decided)
            {
                return Task.CompletedTask;
            }

            _decided = true;
            IsRead = asked is not { IsAsked: false } && ReadWhatIsHere();
            if (!IsRead)
            {
                // A client that expects 100 Continue may send the body now, or not: after the answer it is ambiguous what the next bytes are.
                HttpRequest request = http.Request;
                if (IsBroken || request.Headers.Expect.Count > 0 || request.ContentLength is not <= SmallBody || !HttpProtocol.IsHttp11(request.Protocol))
                {
                    http.Response.Headers.Connection = "close";
                }

                Closes = http.Response.Headers.Connection.Count > 0;
            }

            return Task.CompletedTask;
        }

        /// <summary>
        /// Shuts down sending, if the answer has certainly been sent: Kestrel hands its bytes to the socket as
        /// they are flushed, and a socket that has sent nothing before has room for a small answer. Not with TLS, which ends with
        /// a message of its own, after which some clients discard what they have not read.
        /// </summary>
        public void FinishSending()
        {
            if (http.TraceIdentifier.EndsWith(":00000001", StringComparison.Ordinal)
                && http.Features.Get<ITlsHandshakeFeature>() is null
                && (http.Response.ContentLength ?? 0) <= SmallAnswer
                && http.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
            {
                try
                {
                    socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                }
                catch (Exception e) when (e is System.Net.Sockets.SocketException or ObjectDisposedException)
                {
                    // The client has closed the connection already.
                }
            }
        }

        /// <summary>Discards what has arrived; true if that was the end of the body.</summary>
        private bool ReadWhatIsHere()
        {
            long seen = 0;
            try
            {
                while (seen <= SmallBody && http.Request.BodyReader.TryRead(out ReadResult read))
                {
                    bool ended = read.IsCompleted;
                    seen += read.Buffer.Length;
                    http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                    if (ended)
                    {
                        return true;
                    }
                }
            }
            catch (Exception e) when (e is BadHttpRequestException or InvalidOperationException)
            {
                // Broken framing, a disconnected client, or an operation that has not released what it read: the
                // connection ends with the answer.
                IsBroken = true;
            }

            return false;
        }
    }

    /// <summary>
    /// Tracks whether a body is read. If the body has no length, Kestrel sends 100 Continue at the first read of it: a client whose
    /// request is refused would be told to send its body nevertheless.
    /// </summary>
    private sealed class AskedBody(IRequestBodyPipeFeature body) : IRequestBodyPipeFeature
    {
        public bool IsAsked { get; private set; }

        public PipeReader Reader
        {
            get
            {
                IsAsked = true;
                return body.Reader;
            }
        }
    }
}
