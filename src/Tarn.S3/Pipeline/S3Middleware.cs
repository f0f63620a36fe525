using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Telemetry;
using Tarn.S3.Cors;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;
using Tarn.S3.Wire;

namespace Tarn.S3.Pipeline;

/// <summary>
/// The entry point of every S3 request: resolves, authenticates and authorizes it, and runs its operation. Whatever one of these
/// steps throws is caught here and answered.
/// </summary>
internal sealed class S3Middleware(
    RequestResolver resolver, CorsGate cors, OperationSet operations, Refusals refusals, OutcomeRecorder outcomes, BucketRegion region)
{
    /// <summary>Serves one request; used as a terminal request delegate.</summary>
    public Task InvokeAsync(HttpContext http) => InvokeAsync(http, null);

    /// <summary>Serves one request, or refuses it without serving it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="refused">The refusal to send instead of serving the request; null: it is served.</param>
    /// <param name="failure">What failed before it could be served; null: nothing did.</param>
    public async Task InvokeAsync(HttpContext http, S3Exception? refused, ExceptionDispatchInfo? failure = null)
    {
        RequestTimes times = outcomes.Start(http, out long started);
        using Activity? activity = RequestSpan.Start();
        S3Request? request = null;
        S3Answer? answer = null;
        S3Caller? caller = null;
        S3Context? context = null;
        bool aborted = false;
        try
        {
            request = resolver.Resolve(http, out S3Exception? refusal);
            answer = new S3Answer(request, region.Name);
            answer.Stamp();
            failure?.Throw();
            await cors.ApplyAsync(request, answer);

            // Where the end of the request is ambiguous, nothing comes before the refusal that closes its connection.
            if ((RequestFraming.Fault(http.Request) is null ? refused ?? refusal : refusal ?? refused) is { } known)
            {
                await refusals.WriteAsync(request, answer, known);
            }
            else
            {
                OperationHandler handler = operations[request.RequiredOperation] ?? throw new S3Exception(S3Error.NotImplemented);
                using (RequestTimes.Measure(RequestStage.Authentication, "authentication"))
                {
                    caller = await handler.Authenticator.AuthenticateAsync(request);
                }

                // What such an operation authenticates by may be in the body, which takes as long as its sender likes.
                if (handler.AuthorizesItself && request.Accelerator is { } accelerated)
                {
                    await accelerated.ThrowIfRevokedAsync(request.CancellationToken);
                }

                // A preflight never has credentials, and shows nothing of the bucket's data.
                if (request.Accelerator?.SpeaksFor(caller.Organization) == false && !HttpMethods.IsOptions(request.Method))
                {
                    throw new S3Exception(S3Error.AccessDenied, "The accelerator may not speak for the requester's organization");
                }

                using (RequestTimes.Measure(RequestStage.Authorization, "authorization"))
                {
                    context = await handler.Authorizer.AuthorizeAsync(caller, answer);
                }

                request = context.Request;
                if (!handler.AuthorizesItself)
                {
                    RequestFeatures.ThrowIfUnsupported(request.RequiredOperation, request.Query, request.Headers);
                }

                await handler.Operation.ExecuteAsync(context);
            }
        }
        catch (Exception e)
        {
            request ??= resolver.Unresolved(http);
            answer ??= new S3Answer(request, region.Name);
            aborted = !await refusals.AnswerAsync(request, caller, context?.FoundBucket?.OwnerId, answer, e);
        }

        outcomes.Record(activity, request, answer, caller, aborted, started, times, context?.AllowedBy ?? default);
    }
}
