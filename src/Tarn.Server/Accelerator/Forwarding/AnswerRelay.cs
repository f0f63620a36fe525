using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Tarn.Core.Acceleration;
using Tarn.Server.Accelerator.Upstream;

namespace Tarn.Server.Accelerator.Forwarding;

/// <summary>Gives the upstream's answer to the client as it comes.</summary>
internal sealed class AnswerRelay(UpstreamWatch upstream)
{
    /// <summary>How long the upstream may pause in the middle of an answer.</summary>
    public static readonly TimeSpan PauseTime = TimeSpan.FromMinutes(2);

    private const int MinRead = 16 * 1024;

    /// <summary>The headers that are for the accelerator.</summary>
    private static readonly string[] OfAccelerators =
        [AcceleratorHeaders.Envelope, AcceleratorHeaders.Plan, AcceleratorHeaders.Length, AcceleratorHeaders.Continuation, AcceleratorHeaders.Cache, AcceleratorHeaders.Prestage];

    /// <summary>Sends the upstream's answer on as it is.</summary>
    /// <param name="http">The request.</param>
    /// <param name="exchange">The answer.</param>
    /// <param name="limit">Cancelled when the client goes away; limits pauses of the upstream.</param>
    /// <param name="outcome">What becomes of the request.</param>
    /// <exception cref="UpstreamException">The upstream refuses the accelerator, or the answer broke off.</exception>
    /// <exception cref="OperationCanceledException">The client has gone, or the upstream pauses for too long.</exception>
    public async Task RelayAsync(HttpContext http, ClientExchange exchange, CancellationTokenSource limit, RequestOutcome outcome)
    {
        outcome.BytesIn = exchange.BytesIn;
        BeginAnswer(http, exchange.Head, outcome);
        http.Response.Headers[AcceleratorHeaders.Cache] = "bypass";
        await SendBodyAsync(http, exchange, limit, outcome);
    }

    /// <summary>Sets the status and the headers of the upstream's answer.</summary>
    /// <exception cref="UpstreamException">The upstream refuses the accelerator, or they cannot be sent.</exception>
    public void BeginAnswer(HttpContext http, ResponseHead head, RequestOutcome outcome)
    {
        if (head[AcceleratorHeaders.Envelope] is not null)
        {
            // It refuses the accelerator, not its client.
            throw new EnvelopeRefusedException();
        }

        upstream.Succeeded();
        SetHead(http, head);
        (outcome.Status, outcome.RequestId) = (head.Status, head["x-amz-request-id"]);
    }

    /// <summary>Sets the status and the headers.</summary>
    /// <exception cref="UpstreamException">They cannot be sent.</exception>
    private static void SetHead(HttpContext http, ResponseHead head)
    {
        HttpResponse response = http.Response;
        IReadOnlySet<string> named = HopByHop.Names(head.Headers, "Connection");
        try
        {
            response.StatusCode = head.Status;
            http.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = head.Reason.Length > 0 ? head.Reason : null;
            foreach ((string name, string value) in head.Headers)
            {
                if (HopByHop.Includes(name, named)
                    || OfAccelerators.Contains(name, StringComparer.OrdinalIgnoreCase)
                    || (head.Status == StatusCodes.Status204NoContent && name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)))
                {
                    continue;
                }

                response.Headers[name] = StringValues.Concat(response.Headers[name], value);
            }
        }
        catch (InvalidOperationException e)
        {
            response.Clear();
            throw new UpstreamException("The upstream's answer has a header that cannot be sent on.", e);
        }
    }

    /// <summary>Sends the body and what comes behind it.</summary>
    /// <param name="http">The request, with the head of its answer.</param>
    /// <param name="exchange">The answer.</param>
    /// <param name="limit">Cancelled when the client goes away; limits pauses of the upstream.</param>
    /// <param name="outcome">Counts the bytes.</param>
    /// <exception cref="UpstreamException">The answer broke off.</exception>
    /// <exception cref="OperationCanceledException">The client has gone, or the upstream pauses for too long.</exception>
    private static async Task SendBodyAsync(HttpContext http, ClientExchange exchange, CancellationTokenSource limit, RequestOutcome outcome)
    {
        HttpResponse response = http.Response;
        await response.StartAsync(limit.Token);
        PipeWriter writer = response.BodyWriter;
        if (response.ContentLength is null)
        {
            // What has no length may take its time: the client sees that there is an answer.
            await writer.FlushAsync(limit.Token);
        }

        while (true)
        {
            Memory<byte> memory = writer.GetMemory(MinRead);
            limit.CancelAfter(PauseTime);
            int count = await exchange.Body.ReadAsync(memory, limit.Token);
            if (count == 0)
            {
                break;
            }

            writer.Advance(count);
            outcome.Add(ByteSource.Upstream, count);

            // How slow a client may be is the web server's to decide.
            limit.CancelAfter(Timeout.InfiniteTimeSpan);
            FlushResult flushed = await writer.FlushAsync(limit.Token);
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                throw new ClientGoneException();
            }
        }

        if (response.SupportsTrailers())
        {
            foreach ((string name, string value) in exchange.Body.Trailers)
            {
                response.AppendTrailer(name, value);
            }
        }
    }
}
