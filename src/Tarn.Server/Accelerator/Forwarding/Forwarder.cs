using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Acceleration;
using Tarn.Server.Accelerator.Upstream;

namespace Tarn.Server.Accelerator.Forwarding;

/// <summary>
/// Sends clients' requests to the upstream as they came: target, headers and body byte for byte. A request with a body is never sent twice; a GET or HEAD is, once, if
/// a kept connection turns out to be closed before a byte of the answer has come.
/// </summary>
internal sealed class Forwarder(UpstreamPool pool, AcceleratorIdentity identity)
{
    /// <summary>How long the upstream may take to answer. It reports what takes long by beginning to answer.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(5);

    /// <summary>Sends a request, and receives the head of the final answer.</summary>
    /// <param name="http">The request.</param>
    /// <param name="kind">What is asked for.</param>
    /// <param name="exchange">Cancelled when the client goes away; this cancels it when there is nothing left to wait for.</param>
    /// <exception cref="UpstreamException">There is no answer.</exception>
    /// <exception cref="ClientFaultException">The request is malformed, or its body is.</exception>
    /// <exception cref="OperationCanceledException">The client has gone, or the upstream takes too long.</exception>
    public async Task<ClientExchange> SendAsync(HttpContext http, AcceleratorCallKind kind, CancellationTokenSource exchange)
    {
        bool hasBody = HasBody(http, out bool isChunked);
        var head = new ArrayBufferWriter<byte>(2048);
        string? fault = RequestHead.Write(
            head, identity.LinesOf(CallOf(http, kind)), http.Request.Method, http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, http.Request.Headers, isChunked);
        if (fault is not null)
        {
            throw new ClientFaultException(fault);
        }

        bool isRepeatable = !hasBody && (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method));
        for (bool isFresh = false; ; isFresh = true)
        {
            UpstreamExchange upstream = await UpstreamExchange.BeginAsync(pool, http.Request.Method, isFresh, exchange.Token);
            try
            {
                long read = hasBody
                    ? await SendWithBodyAsync(http, upstream, head.WrittenMemory, isChunked, exchange)
                    : await SendAsync(upstream, head.WrittenMemory, exchange);
                return new ClientExchange(upstream, read);
            }
            catch (UpstreamException) when (isRepeatable && !isFresh && upstream.MayBeStale)
            {
                upstream.Dispose();
            }
            catch
            {
                upstream.Dispose();
                throw;
            }
        }
    }

    /// <summary>Whether a request has a body, even an empty one that is announced.</summary>
    private static bool HasBody(HttpContext http, out bool isChunked)
    {
        bool hasLength = http.Request.ContentLength is not null;
        isChunked = !hasLength && (http.Request.Headers.TransferEncoding.Count > 0
            || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true });
        return isChunked || http.Request.ContentLength > 0;
    }

    private static AcceleratorCall CallOf(HttpContext http, AcceleratorCallKind kind) => AcceleratorCall.Of(
        kind,
        new IPEndPoint(http.Connection.RemoteIpAddress ?? IPAddress.None, http.Connection.RemotePort),
        http.Features.Get<ITlsHandshakeFeature>() is not null);

    private static async Task<long> SendAsync(UpstreamExchange upstream, ReadOnlyMemory<byte> head, CancellationTokenSource exchange)
    {
        await upstream.WriteAsync(head, exchange.Token);
        upstream.IsSent = true;
        exchange.CancelAfter(AnswerTime);
        while ((await upstream.ReadHeadAsync(exchange.Token)).Status < StatusCodes.Status200OK)
        {
            // An interim answer.
        }

        return 0;
    }

    /// <returns>Bytes read of the body.</returns>
    private static async Task<long> SendWithBodyAsync(
        HttpContext http, UpstreamExchange upstream, ReadOnlyMemory<byte> head, bool isChunked, CancellationTokenSource exchange)
    {
        void Sent() => exchange.CancelAfter(AnswerTime);

        using var pump = new BodyPump(http, upstream, isChunked);
        Exception? failure = null;
        try
        {
            // It may be as slow in reading the body as it may be in answering.
            upstream.AllowPauses(AnswerTime);
            await upstream.WriteAsync(head, exchange.Token);
            if (ExpectsContinue(http))
            {
                exchange.CancelAfter(AnswerTime);
            }
            else
            {
                pump.Start(Sent, exchange.Cancel, exchange.Token);
            }

            ResponseHead answer;
            while ((answer = await upstream.ReadHeadAsync(exchange.Token)).Status < StatusCodes.Status200OK)
            {
                if (answer.Status == StatusCodes.Status100Continue)
                {
                    // How long the body may take is the upstream's to decide.
                    exchange.CancelAfter(Timeout.InfiniteTimeSpan);
                    pump.Start(Sent, exchange.Cancel, exchange.Token);
                }
            }
        }
        catch (Exception e) when (e is UpstreamException or OperationCanceledException)
        {
            failure = e;
        }

        // Nothing reads the body after this: whoever answers the client decides what becomes of the rest.
        Exception? fault = await pump.StopAsync();
        return fault is not null && !http.RequestAborted.IsCancellationRequested
            ? throw new ClientFaultException("The body of the request is malformed or incomplete.", fault)
            : failure is not null ? throw failure : pump.Read;
    }

    /// <summary>Whether the client waits to be asked for the body. Other expectations are the upstream's to refuse, which may read the body first. Source: RFC 9110, section 10.1.1.</summary>
    private static bool ExpectsContinue(HttpContext http) =>
        http.Request.Headers.Expect is { Count: 1 } expect && "100-continue".Equals(expect[0], StringComparison.OrdinalIgnoreCase) && !HttpProtocol.IsHttp10(http.Request.Protocol);
}

/// <summary>A client's request that was sent, and its answer.</summary>
/// <param name="Upstream">The exchange, behind the head of the answer.</param>
/// <param name="BytesIn">Bytes that were read of the request's body.</param>
internal sealed record ClientExchange(UpstreamExchange Upstream, long BytesIn) : IDisposable
{
    public ResponseHead Head => Upstream.Head!;

    public UpstreamBody Body => Upstream.Body!;

    public void Dispose() => Upstream.Dispose();
}
