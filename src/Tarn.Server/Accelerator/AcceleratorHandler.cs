using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Core.Errors;
using Tarn.S3.Wire;
using Tarn.Server.Accelerator.Forwarding;
using Tarn.Server.Accelerator.Reading;
using Tarn.Server.Accelerator.Upstream;

namespace Tarn.Server.Accelerator;

/// <summary>Serves clients' requests: has the upstream decide each, and takes the bytes of objects from the cache where it may.</summary>
internal sealed class AcceleratorHandler(
    Forwarder forwarder, AnswerRelay relay, ResolvedReads reads, Refuser refuser, UpstreamWatch upstream, BlockFailures blocks, AcceleratorRequests requests, TimeProvider time)
{
    public async Task HandleAsync(HttpContext http)
    {
        var outcome = new RequestOutcome();
        long began = time.GetTimestamp();
        try
        {
            await ServeAsync(http, outcome);
        }
        finally
        {
            requests.Finished(http, outcome, time.GetElapsedTime(began));
        }
    }

    /// <summary>Answers that there is no room for the request.</summary>
    public async Task RefuseBusyAsync(HttpContext http)
    {
        var outcome = new RequestOutcome { Failure = "busy" };
        await refuser.BusyAsync(http, outcome);
        requests.Finished(http, outcome, TimeSpan.Zero);
    }

    private async Task ServeAsync(HttpContext http, RequestOutcome outcome)
    {
        if (RequestFraming.Fault(http.Request) is { } fault)
        {
            await refuser.RefuseAsync(http, outcome, S3Error.InvalidRequest, fault);
            return;
        }

        if (HttpMethods.IsConnect(http.Request.Method))
        {
            await refuser.RefuseAsync(http, outcome, S3Error.MethodNotAllowed, "This is no tunnel.");
            return;
        }

        using var limit = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using CancellationTokenRegistration gone = http.RequestAborted.UnsafeRegister(static limit => ((CancellationTokenSource)limit!).Cancel(), limit);
        try
        {
            if (!await reads.TryServeAsync(http, limit, outcome))
            {
                await ForwardAsync(http, limit, outcome);
            }
        }
        catch (Exception e) when (e is ClientGoneException || (http.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException))
        {
            outcome.Failure = "client gone";
        }
        catch (ClientFaultException e)
        {
            outcome.Failure = "bad request";
            await refuser.RefuseAsync(http, outcome, ErrorOf(e), e.InnerException is BadHttpRequestException bad ? bad.Message : e.Message);
        }
        catch (Exception e) when (e is UpstreamException or OperationCanceledException or FrameUnavailableException or FrameDamagedException)
        {
            upstream.Failed(e);
            if (e is FrameUnavailableException or FrameDamagedException)
            {
                blocks.Failed(e, isForwarded: false);
            }

            await CutAsync(http, outcome, e is OperationCanceledException ? "The upstream takes too long." : e.Message);
        }
    }

    /// <summary>Ends a request whose answer cannot be had, or cannot be finished: what has begun is never ended as if it were whole.</summary>
    private async Task CutAsync(HttpContext http, RequestOutcome outcome, string why)
    {
        outcome.Failure = why;
        if (http.Response.HasStarted)
        {
            outcome.Status = http.Response.StatusCode;
            http.Abort();
            return;
        }

        await refuser.UnavailableAsync(http, outcome, "The accelerator gets no answer from its server.");
    }

    private async Task ForwardAsync(HttpContext http, CancellationTokenSource limit, RequestOutcome outcome)
    {
        using ClientExchange exchange = await forwarder.SendAsync(http, AcceleratorCallKind.Forward, limit);
        await relay.RelayAsync(http, exchange, limit, outcome);
    }

    private static S3Error ErrorOf(ClientFaultException fault) => fault.Status switch
    {
        StatusCodes.Status408RequestTimeout => S3Error.RequestTimeout,
        StatusCodes.Status413PayloadTooLarge => S3Error.EntityTooLarge,
        _ => fault.InnerException is null ? S3Error.InvalidRequest : S3Error.IncompleteBody,
    };
}
