using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarn.Core.Access;
using Tarn.Core.Telemetry;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Pipeline;

/// <summary>Sums up how a request ended, for the metrics, its span, the access log and whatever else keeps requests.</summary>
internal sealed class OutcomeRecorder(TimeProvider time, FinishedRequests requests, ILogger<S3Middleware> logger)
{
    /// <summary>Begins the times of a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="started">The timestamp at which it starts: when the server had it, even if it then waited for room.</param>
    public RequestTimes Start(HttpContext http, out long started)
    {
        started = time.GetTimestamp();
        RequestTimes times = RequestTimes.Begin(time);
        if (http.Features.Get<AdmissionWait>() is { } wait)
        {
            times.Add(RequestStage.Wait, wait.Time);
            started -= (long)(wait.Time.TotalSeconds * time.TimestampFrequency);
        }

        return times;
    }

    /// <summary>Records a request that has ended.</summary>
    /// <param name="activity">Its span; null when it is not traced.</param>
    /// <param name="request">The request, as far as it was resolved.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="caller">The requester; null when the request was not authenticated.</param>
    /// <param name="aborted">Whether the client is known to be gone.</param>
    /// <param name="started">From <see cref="Start"/>.</param>
    /// <param name="times">From <see cref="Start"/>.</param>
    /// <param name="ground">What allowed the request.</param>
    public void Record(Activity? activity, S3Request request, S3Answer answer, S3Caller? caller, bool aborted, long started, RequestTimes times, AccessGround ground)
    {
        FinishedRequest outcome = OutcomeOf(request, answer, caller, aborted, started, times, ground);
        if (requests.ReadHttp(outcome))
        {
            outcome = outcome with { Http = RequestFacts.Of(request, answer, caller, ground) };
        }

        RequestSpan.Describe(activity, outcome);
        AccessLog.Write(logger, outcome);
        requests.Report(outcome);
    }

    private FinishedRequest OutcomeOf(S3Request request, S3Answer answer, S3Caller? caller, bool aborted, long started, RequestTimes times, AccessGround ground)
    {
        HttpResponse response = answer.Http;
        bool hasBody = !aborted && !HttpMethods.IsHead(request.Method) && response.StatusCode != StatusCodes.Status304NotModified;

        // A client that disconnects during a download does not always cause an exception; unsent bytes show it too.
        bool left = aborted || (answer.Refusal is null && answer.FirstAt is not null && answer.Count < response.ContentLength);
        TimeSpan total = time.GetElapsedTime(started);
        return new FinishedRequest
        {
            Started = time.GetUtcNow() - total,
            Operation = request.Operation?.Name,
            Method = request.Method,
            Bucket = request.Address.Bucket,
            BucketId = answer.BucketId,
            OwnerId = answer.OwnerId,
            Key = RequestFacts.KeyOf(request),
            IsLogged = answer.IsLogged,
            CopiedFrom = answer.CopiedFrom,
            Status = left ? FinishedRequest.ClientClosedRequest : response.StatusCode,
            ErrorCode = left ? nameof(FinishedRequest.ClientClosedRequest) : answer.Refusal is { Status: >= StatusCodes.Status400BadRequest } error ? error.Code : null,
            Accelerator = request.Accelerator?.Name,
            AcceleratorToken = request.Accelerator?.TokenId,
            PlannedBytes = answer.Planned,
            BytesIn = caller?.BytesReceived ?? 0,
            BytesOut = answer.FirstAt is not null ? answer.Count : hasBody ? response.ContentLength ?? 0 : 0,
            TimeToFirstByte = answer.FirstAt is { } first ? time.GetElapsedTime(started, first) : null,
            Total = total,
            Principal = caller?.Principal,
            RequestId = request.Id,
            Remote = request.Http.Connection.RemoteIpAddress,
            ClaimedAccessKey = answer.ClaimedAccessKey,
            Issued = answer.Issued,
            WasAllowed = ground != AccessGround.Nothing,
            Times = times,
            ChangesAccess = RequestFacts.ChangesAccess(request),
        };
    }
}
