using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Forwarding;
using Tarn.Server.Accelerator.Upstream;

namespace Tarn.Server.Accelerator.Reading;

/// <summary>
/// Serves GETs of which the upstream plans the body instead of sending it, and HEADs that have an object staged. The upstream decides each, at the time
/// of the request; the bytes come from wherever they are.
/// </summary>
internal sealed class ResolvedReads(Forwarder forwarder, AnswerRelay relay, PlanReader reader, BlockFailures failures, Prestaging prestaging)
{
    private const string StagingRange = "bytes=0-0", RangeUnit = "bytes ";

    private static readonly string CurrentVersion = ReadPlan.CurrentVersion.ToString(CultureInfo.InvariantCulture);

    /// <summary>Serves a request; false if it is to be forwarded, with nothing sent.</summary>
    /// <exception cref="UpstreamException">There is no answer, or it broke off.</exception>
    public Task<bool> TryServeAsync(HttpContext http, CancellationTokenSource limit, RequestOutcome outcome)
    {
        HttpRequest request = http.Request;
        CacheUse use = RequestCacheControl.Of(request.Headers);
        return use == CacheUse.None || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } ? Task.FromResult(false)
            : HttpMethods.IsGet(request.Method) ? TryGetAsync(http, use, limit, outcome)
            : HttpMethods.IsHead(request.Method) && request.Headers.Range == StagingRange ? HeadAsync(http, limit, outcome)
            : Task.FromResult(false);
    }

    private async Task<bool> TryGetAsync(HttpContext http, CacheUse use, CancellationTokenSource limit, RequestOutcome outcome)
    {
        ReadPlan? plan;
        long start, total;
        using (ClientExchange exchange = await forwarder.SendAsync(http, AcceleratorCallKind.Resolve, limit))
        {
            if (exchange.Head[AcceleratorHeaders.Plan] is not { } version)
            {
                await relay.RelayAsync(http, exchange, limit, outcome);
                return true;
            }

            PlanStatus status = PlanStatus.Unknown;
            plan = null;
            if (version == CurrentVersion)
            {
                byte[] text = await exchange.Body.ReadAllAsync(ReadPlan.MaxSize, limit.Token);
                status = ReadPlan.TryDecode(text, out plan);
            }

            if (plan is null)
            {
                return status == PlanStatus.Unknown ? false : throw new UpstreamException("The upstream's plan is not understood.");
            }

            if (!long.TryParse(exchange.Head[AcceleratorHeaders.Length], NumberStyles.None, CultureInfo.InvariantCulture, out total) || total < 1)
            {
                throw new UpstreamException("The upstream's plan has no length.");
            }

            start = StartOf(exchange.Head["Content-Range"]);
            relay.BeginAnswer(http, exchange.Head, outcome);
        }

        // From here on, how long it takes is for the source of the bytes and for the client to decide.
        limit.CancelAfter(Timeout.InfiniteTimeSpan);
        outcome.Owner = plan.Owner;
        http.Response.ContentLength = total;
        try
        {
            await reader.SendAsync(http, plan, start, total, use, outcome);
            return true;
        }
        catch (Exception e) when (!http.Response.HasStarted && e is FrameUnavailableException or FrameDamagedException)
        {
            // The blob may have gone since, or be damaged: the upstream answers what is so.
            failures.Failed(e, isForwarded: true);
            http.Response.Clear();
            (outcome.Cache, outcome.Status, outcome.RequestId) = (CacheResult.Bypass, 0, null);
            return false;
        }
    }

    /// <summary>Which byte of the object an answer begins with.</summary>
    private static long StartOf(string? contentRange)
    {
        if (contentRange is null)
        {
            return 0;
        }

        int dash = contentRange.IndexOf('-', StringComparison.Ordinal);
        return contentRange.StartsWith(RangeUnit, StringComparison.Ordinal) && dash > 0
            && long.TryParse(contentRange.AsSpan(RangeUnit.Length, dash - RangeUnit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long start)
            ? start
            : throw new UpstreamException("The range of the upstream's answer is not understood.");
    }

    private async Task<bool> HeadAsync(HttpContext http, CancellationTokenSource limit, RequestOutcome outcome)
    {
        using ClientExchange exchange = await forwarder.SendAsync(http, AcceleratorCallKind.Resolve, limit);
        if (exchange.Head[AcceleratorHeaders.Continuation] is { } continuation
            && !prestaging.TryAdd(new StagedObject(ObjectOf(http, exchange.Head), continuation)))
        {
            http.Response.Headers[AcceleratorHeaders.Prestage] = "refused";
        }

        await relay.RelayAsync(http, exchange, limit, outcome);
        return true;
    }

    /// <summary>What tells a version of an object from others, for as long as it is staged.</summary>
    private static string ObjectOf(HttpContext http, ResponseHead head) =>
        $"{http.Request.Headers.Host}\n{http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0]}\n{head["ETag"]}\n{head["x-amz-version-id"]}";
}
