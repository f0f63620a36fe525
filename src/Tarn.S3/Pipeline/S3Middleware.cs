using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarn.Core.Errors;
using Tarn.S3.Access;
using Tarn.S3.Cors;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Telemetry;
using Tarn.S3.Wire;

namespace Tarn.S3.Pipeline;

/// <summary>
/// The entry point of every S3 request: resolves, authenticates and authorizes it, and runs its operation. The only place
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
    Denials denials,
    DocumentBudget documents,
    BucketRegion region)
{
    private readonly UnknownHosts _hosts = new(domains, logger);

    private readonly RequestResolver _resolver = new(domains, ids, time, documents);

    /// <summary>Serves one request; used as a terminal request delegate.</summary>
    public Task InvokeAsync(HttpContext http) => InvokeAsync(http, null);

    /// <summary>Serves one request, or refuses it without serving it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="refused">The refusal to send instead of serving the request; null: it is served.</param>
    public async Task InvokeAsync(HttpContext http, S3Exception? refused)
    {
        long started = time.GetTimestamp();
        using Activity? activity = RequestSpan.Start();
        S3Request? request = null;
        S3Answer? answer = null;
        S3Caller? caller = null;
        S3Context? context = null;
        bool aborted = false;
        try
        {
            request = _resolver.Resolve(http, out S3Exception? refusal);
            answer = new S3Answer(request, region.Name);
            answer.Stamp();
            await cors.ApplyAsync(request, answer);
            if ((refusal ?? refused) is { } known)
            {
                await RefuseAsync(request, answer, known);
            }
            else
            {
                IOperation operation = operations[request.RequiredOperation] ?? throw new S3Exception(S3Error.NotImplemented);
                ISelfAuthorizingOperation? own = request.RequiredOperation.Authorization == OperationAuthorization.Itself ? (ISelfAuthorizingOperation)operation : null;
                caller = await (own ?? authenticator).AuthenticateAsync(request);
                context = await (own ?? authorizer).AuthorizeAsync(caller, answer);
                request = context.Request;
                if (own is null)
                {
                    RequestFeatures.ThrowIfUnsupported(request.RequiredOperation, request.Query, request.Headers);
                }

                await operation.ExecuteAsync(context);
            }
        }
        catch (Exception e)
        {
            request ??= _resolver.Unresolved(http);
            answer ??= new S3Answer(request, region.Name);
            aborted = !await AnswerAsync(request, caller, context?.FoundBucket?.OwnerId, answer, e);
        }

        RequestOutcome outcome = OutcomeOf(request, answer, caller, aborted, started);
        RequestMetrics.Record(outcome);
        RequestSpan.Describe(activity, outcome);
        AccessLog.Write(logger, outcome);
    }

    /// <summary>Answers an exception. False when the client is gone.</summary>
    private async Task<bool> AnswerAsync(S3Request request, S3Caller? caller, string? ownerId, S3Answer answer, Exception thrown)
    {
        caller?.AbandonBody();

        // The client is gone, or the server has cut the connection: the exception is only a consequence.
        if (request.CancellationToken.IsCancellationRequested)
        {
            return false;
        }

        S3Exception refusal = Refusal.Of(thrown);
        if (refusal.Error.Status == StatusCodes.Status403Forbidden)
        {
            denials.Note(request, caller, ownerId, refusal);
        }

        if (refusal.Error == S3Error.InternalError)
        {
            LogFailure(logger, thrown, request.Operation?.Name ?? request.Method, request.Id);
        }
        else if (refusal.InnerException is { } cause && refusal.Error.Status == StatusCodes.Status503ServiceUnavailable)
        {
            LogUnavailable(logger, cause, request.Operation?.Name ?? request.Method, request.Id);
        }
        else if (answer.Http.HasStarted)
        {
            LogCutOff(logger, thrown, request.Operation?.Name ?? request.Method, request.Id);
        }

        try
        {
            await RefuseAsync(request, answer, refusal);
            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client disconnected while the refusal was sent.
            return false;
        }
    }

    private async Task RefuseAsync(S3Request request, S3Answer answer, S3Exception refusal)
    {
        // A refusal before the bucket was looked up still concerns that bucket.
        if (!answer.NamesRegion && refusal.Error.Status is < StatusCodes.Status500InternalServerError or StatusCodes.Status501NotImplemented
            && await region.ExistsAsync(request.Address.Bucket, request.CancellationToken))
        {
            answer.NameRegion();
        }

        await ErrorWriter.WriteAsync(request, answer, refusal.Error, refusal.Message + _hosts.Explain(request, refusal.Error), refusal.Details, refusal.Headers);
    }

    private RequestOutcome OutcomeOf(S3Request request, S3Answer answer, S3Caller? caller, bool aborted, long started)
    {
        HttpResponse response = answer.Http;
        bool hasBody = !aborted && !HttpMethods.IsHead(request.Method) && response.StatusCode != StatusCodes.Status304NotModified;

        // A client that disconnects during a download does not always cause an exception; unsent bytes show it too.
        bool left = aborted || (answer.Refusal is null && answer.FirstAt is not null && answer.Count < response.ContentLength);
        return new RequestOutcome
        {
            Operation = request.Operation?.Name,
            Method = request.Method,
            Bucket = request.Address.Bucket,
            Key = request.Address.Target == S3Target.Object ? request.Key : null,
            Status = left ? RequestOutcome.ClientClosedRequest : response.StatusCode,
            ErrorCode = left ? nameof(RequestOutcome.ClientClosedRequest) : answer.Refusal is { Status: >= StatusCodes.Status400BadRequest } error ? error.Code : null,
            BytesIn = caller?.BytesReceived ?? 0,
            BytesOut = answer.FirstAt is not null ? answer.Count : hasBody ? response.ContentLength ?? 0 : 0,
            TimeToFirstByte = answer.FirstAt is { } first ? time.GetElapsedTime(started, first) : null,
            Total = time.GetElapsedTime(started),
            Principal = caller?.Principal,
            RequestId = request.Id,
            Remote = request.Http.Connection.RemoteIpAddress,
        };
    }

    [LoggerMessage(EventIds.RequestFailed, LogLevel.Error, "{Operation} failed; request {RequestId}")]
    private static partial void LogFailure(ILogger logger, Exception exception, string operation, string requestId);

    [LoggerMessage(EventIds.RequestUnavailable, LogLevel.Warning, "{Operation} is temporarily unavailable; request {RequestId}")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string operation, string requestId);

    [LoggerMessage(EventIds.RequestCutOff, LogLevel.Warning, "{Operation} failed after its answer had begun, so the connection was cut; request {RequestId}")]
    private static partial void LogCutOff(ILogger logger, Exception exception, string operation, string requestId);
}
