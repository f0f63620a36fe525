using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Tarn.Server.Hosting;

/// <summary>An announced HTTP/1 body, and the decision about its connection.</summary>
internal sealed class PromisedBody
{
    /// <summary>The size of a body, in bytes, up to which reading it is cheaper than a new connection.</summary>
    private const long SmallBody = 256 * 1024;

    /// <summary>The number of bytes that a fresh connection sends without waiting for its client.</summary>
    private const long SmallAnswer = 8 * 1024;

    private readonly HttpContext _http;

    /// <summary>Tracks whether the client was asked for the body, if reading it would ask; otherwise null.</summary>
    private readonly AskedBody? _asked;
    private bool _decided;

    private PromisedBody(HttpContext http, AskedBody? asked)
    {
        _http = http;
        _asked = asked;
    }

    /// <summary>Whether all of the body has been read.</summary>
    public bool IsRead { get; private set; }

    /// <summary>Whether the answer announces that the connection closes.</summary>
    public bool Closes { get; private set; }

    /// <summary>Whether the body cannot be read to its end.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The body of a request that has announced one. From here on it is tracked whether its client was asked for it.</summary>
    public static PromisedBody Of(HttpContext http)
    {
        if (http.Request.Headers.Expect.Count == 0 || http.Request.ContentLength is not null || http.Features.Get<IRequestBodyPipeFeature>() is not { } pipe)
        {
            return new PromisedBody(http, null);
        }

        var asked = new AskedBody(pipe);
        http.Features.Set<IRequestBodyPipeFeature>(asked);
        return new PromisedBody(http, asked);
    }

    /// <summary>Decides about the connection, at the last moment at which the answer's headers can be changed.</summary>
    public Task Decide()
    {
        if (_decided)
        {
            return Task.CompletedTask;
        }

        _decided = true;
        IsRead = _asked is not { IsAsked: false } && ReadWhatIsHere();
        if (!IsRead)
        {
            // A client that expects 100 Continue may send the body now, or not: after the answer it is ambiguous what the next bytes are.
            HttpRequest request = _http.Request;
            if (IsBroken || request.Headers.Expect.Count > 0 || request.ContentLength is not <= SmallBody || !HttpProtocol.IsHttp11(request.Protocol))
            {
                _http.Response.Headers.Connection = "close";
            }

            Closes = _http.Response.Headers.Connection.Count > 0;
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
        if (_http.TraceIdentifier.EndsWith(":00000001", StringComparison.Ordinal)
            && _http.Features.Get<ITlsHandshakeFeature>() is null
            && (_http.Response.ContentLength ?? 0) <= SmallAnswer
            && _http.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            try
            {
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
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
            while (seen <= SmallBody && _http.Request.BodyReader.TryRead(out ReadResult read))
            {
                bool ended = read.IsCompleted;
                seen += read.Buffer.Length;
                _http.Request.BodyReader.AdvanceTo(read.Buffer.End);
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
