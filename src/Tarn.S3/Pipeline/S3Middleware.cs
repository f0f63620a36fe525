using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarn.Core.Disks;
using Tarn.Core.Errors;
using Tarn.S3.Access;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Cors;
using Tarn.S3.Documents;
using Tarn.S3.Routing;
using Tarn.S3.Telemetry;
using Tarn.S3.Wire;

namespace Tarn.S3.Pipeline;

/// <summary>
/// Where every S3 request enters: names it, resolves it, authenticates and authorises it, runs its operation. The only place
/// that catches exceptions.
/// </summary>
internal sealed partial class S3Middleware(
    S3Domains domains,
    OperationSet operations,
    IRequestAuthenticator authenticator,
    IRequestAuthorizer authorizer,
    CorsGate cors,
    RequestIds ids,
    TimeProvider time,
    ILogger<S3Middleware> logger,
    Denials? denials = null,
    DocumentBudget? documents = null,
    BucketRegion? region = null)
{
    private readonly UnknownHosts _hosts = new(domains, logger);

    private readonly DocumentBudget _documents = documents ?? new DocumentBudget(time);

    /// <summary>Serves one request. To be mounted as a terminal request delegate.</summary>
    public Task InvokeAsync(HttpContext http) => InvokeAsync(http, null);

    /// <summary>The same.</summary>
    /// <param name="http">The request.</param>
    /// <param name="refused">What to answer it with in place of serving it; null: it is served.</param>
    public async Task InvokeAsync(HttpContext http, S3Exception? refused)
    {
        long started = time.GetTimestamp();
        var context = new S3Context(http, ids.Next(), ids.HostId, time) { Documents = _documents, Region = region?.Name };
        using Activity? activity = S3Telemetry.Activities.StartActivity("S3");
        bool aborted = false;
        try
        {
            S3Exception? refusal = Resolve(context, out IOperation? operation) ?? refused;
            StampHeaders(context);
            await cors.ApplyAsync(context);
            if (refusal is not null)
            {
                await RefuseAsync(context, refusal);
            }
            else
            {
                if (context.Operation!.Authorization != OperationAuthorization.Itself)
                {
                    context.SetIdentity(await authenticator.AuthenticateAsync(context));
                    await authorizer.AuthorizeAsync(context);
                    RequestFeatures.Demand(context.Operation, context.Query, context.Request.Headers);
                }

                await operation!.ExecuteAsync(context);
            }
        }
        catch (Exception e)
        {
            aborted = !await AnswerAsync(context, e);
        }

        int status = aborted ? AccessLog.ClientClosedRequest : http.Response.StatusCode;
        Describe(activity, context, status);
        AccessLog.Write(logger, context, status, time.GetElapsedTime(started));
    }

    /// <summary>Sets the headers that every answer has.</summary>
    internal static void StampHeaders(S3Context context)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.Server = "Tarn";
        headers["x-amz-request-id"] = context.RequestId;
        headers["x-amz-id-2"] = context.HostId;
        if (DiskId.HasShape(context.Address.Bucket))
        {
            // On every answer of a disk, so that a client finds out about ranges without asking for one.
            headers.AcceptRanges = "bytes";
        }

        if (context is { ConcernsBucket: true, Region: { } region })
        {
            headers[S3Context.RegionHeader] = region;
        }

        foreach ((string name, string value) in context.StandingHeaders)
        {
            headers[name] = value;
        }
    }

    private S3Exception? Resolve(S3Context context, out IOperation? operation)
    {
        operation = null;
        HttpRequest request = context.Request;
        string rawTarget = context.Http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        S3Error? error = S3Address.Parse(rawTarget, request.Host.Value, domains, out S3Address address);
        context.Address = address;
        if (error is not null)
        {
            return new S3Exception(error);
        }

        if (context.Public?.Refusal is { } wrong)
        {
            return new S3Exception(S3Error.InvalidRequest, wrong);
        }

        if (RequestFraming.Fault(request) is { } fault)
        {
            return new S3Exception(S3Error.InvalidRequest, fault)
            {
                Headers = [new("Connection", "close")],
            };
        }

        if (!RequestQuery.TryParse(address.RawQuery, out RequestQuery query))
        {
            return new S3Exception(S3Error.InvalidUri);
        }

        context.Query = query;
        if (KnownParameters.FirstRepeated(query) is { } repeated)
        {
            return Arguments.Invalid($"The query parameter {repeated.Key} may come only once.", repeated.Key, repeated.Value);
        }

        // A preflight has the query of the request that it asks about, which is not there yet.
        if (!HttpMethods.IsOptions(request.Method) && QueryHeaders.Merge(query, request.Headers) is { } refusal)
        {
            return refusal;
        }

        Resolution resolution = OperationTable.Resolve(request.Method, address.Target, query, new HeaderPresence(request.Headers));
        context.Operation = resolution.Operation;
        if (resolution.Operation is null)
        {
            return new S3Exception(resolution.Error!, resolution.Message)
            {
                Details = resolution.Allow is null ? [] : [new("Method", request.Method)],
                Headers = string.IsNullOrEmpty(resolution.Allow) ? [] : [new("Allow", resolution.Allow)],
            };
        }

        operation = operations[resolution.Operation];
        return operation is null ? new S3Exception(S3Error.NotImplemented) : null;
    }

    /// <summary>Answers what was thrown. False when nobody is left to be answered.</summary>
    private async Task<bool> AnswerAsync(S3Context context, Exception thrown)
    {
        context.AbandonBody();

        // The client has gone, or this server has just cut the connection: whatever was thrown is only the echo of it.
        if (context.CancellationToken.IsCancellationRequested)
        {
            return false;
        }

        S3Exception refusal = Refusal.Of(thrown);
        if (refusal.Error.Status == StatusCodes.Status403Forbidden)
        {
            denials?.Note(context, refusal);
        }

        if (refusal.Error == S3Error.InternalError)
        {
            LogFailure(logger, thrown, context.Operation?.Name ?? context.Request.Method, context.RequestId);
        }
        else if (refusal.InnerException is { } cause && refusal.Error.Status == StatusCodes.Status503ServiceUnavailable)
        {
            LogUnavailable(logger, cause, context.Operation?.Name ?? context.Request.Method, context.RequestId);
        }
        else if (context.Response.HasStarted)
        {
            LogCutOff(logger, thrown, context.Operation?.Name ?? context.Request.Method, context.RequestId);
        }

        try
        {
            await RefuseAsync(context, refusal);
            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client left while the refusal was on its way.
            return false;
        }
    }

    private async Task RefuseAsync(S3Context context, S3Exception refusal)
    {
        // What is refused before the bucket was looked up is about it all the same.
        if (region is not null && !context.ConcernsBucket && refusal.Error.Status is < StatusCodes.Status500InternalServerError or StatusCodes.Status501NotImplemented)
        {
            context.ConcernsBucket = await region.ExistsAsync(context.Address.Bucket, context.CancellationToken);
        }

        await ErrorWriter.WriteAsync(context, refusal.Error, refusal.Message + _hosts.Explain(context, refusal.Error), refusal.Details, refusal.Headers);
    }

    private static void Describe(Activity? activity, S3Context context, int status)
    {
        if (activity is null)
        {
            return;
        }

        if (context.Operation is not null)
        {
            activity.DisplayName = context.Operation.Name;
            activity.SetTag("rpc.method", context.Operation.Name);
        }

        activity.SetTag("aws.s3.bucket", context.Address.Bucket);
        activity.SetTag("aws.request_id", context.RequestId);
        activity.SetTag("http.response.status_code", status);
        if (status >= 500)
        {
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    [LoggerMessage(EventIds.RequestFailed, LogLevel.Error, "{Operation} failed; request {RequestId}")]
    private static partial void LogFailure(ILogger logger, Exception exception, string operation, string requestId);

    [LoggerMessage(EventIds.RequestUnavailable, LogLevel.Warning, "{Operation} cannot be served now; request {RequestId}")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string operation, string requestId);

    [LoggerMessage(EventIds.RequestCutOff, LogLevel.Warning, "{Operation} was cut off after its answer had begun; request {RequestId}")]
    private static partial void LogCutOff(ILogger logger, Exception exception, string operation, string requestId);

    private readonly struct HeaderPresence(IHeaderDictionary headers) : IHeaderPresence
    {
        public bool Has(string lowerCaseName) => headers.ContainsKey(lowerCaseName);
    }
}
