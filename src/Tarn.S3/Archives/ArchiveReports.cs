using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Archives;

/// <summary>Reports each object that an archive reads as a request for it, so that every log and count of requests has it.</summary>
internal sealed class ArchiveReports(FinishedRequests requests, RequestIds ids, TimeProvider clock)
{
    /// <summary>The operation's name in logs.</summary>
    private const string Operation = "ArchivedObject";

    /// <summary>The target in logs: the id of an archive is of all its objects.</summary>
    private const string Target = "/api/archives";

    /// <summary>Begins to read an object.</summary>
    public ArchivedRead Begin(ObjectKey key) => new(key, clock);

    /// <summary>Reports that an object was read, or what it was refused or cut off with.</summary>
    public void Report(HttpContext http, ArchivePlace place, ArchivedRead read, Exception? failure)
    {
        FinishedRequest finished = Of(http, place, read, failure);
        requests.Report(requests.ReadHttp(finished) ? finished with { Http = HttpOf(http, place, read) } : finished);
    }

    private FinishedRequest Of(HttpContext http, ArchivePlace place, ArchivedRead read, Exception? failure)
    {
        bool hasLeft = failure is not null && (failure is OperationCanceledException || http.RequestAborted.IsCancellationRequested);
        S3Error? error = failure is null || hasLeft ? null : Refusal.Of(failure).Error;
        TimeSpan total = clock.GetElapsedTime(read.Started);
        return new FinishedRequest
        {
            Started = clock.GetUtcNow() - total,
            Bucket = place.Name,
            BucketId = place.BucketId,
            OwnerId = place.OwnerId,
            IsLogged = place.IsLogged,
            Key = read.Key,
            RequestId = ids.Next(),
            Operation = Operation,
            Method = HttpMethods.Get,
            Status = hasLeft ? FinishedRequest.ClientClosedRequest : error?.Status ?? StatusCodes.Status200OK,
            ErrorCode = hasLeft ? nameof(FinishedRequest.ClientClosedRequest) : error?.Code,
            BytesOut = read.Sent.Count,
            TimeToFirstByte = read.Sent.FirstAt is { } first ? clock.GetElapsedTime(read.Started, first) : null,
            Total = total,
            Principal = place.Principal,
            WasAllowed = read.ObjectSize is not null,
            Remote = http.Connection.RemoteIpAddress,
        };
    }

    private static HttpFacts HttpOf(HttpContext http, ArchivePlace place, ArchivedRead read)
    {
        bool isSigned = !place.Principal.HoldsToken && http.Request.Headers.Authorization.Count > 0;
        HttpFacts facts = HttpFacts.Of(http, Target, parameters: null);
        return facts with { ObjectSize = read.ObjectSize, SignatureVersion = isSigned ? "SigV4" : null, Authentication = isSigned ? "AuthHeader" : null };
    }
}

/// <summary>An object that is being read.</summary>
/// <param name="key">Its key.</param>
/// <param name="clock">Measures time.</param>
internal sealed class ArchivedRead(ObjectKey key, TimeProvider clock)
{
    public ObjectKey Key { get; } = key;

    /// <summary>The clock's timestamp when its turn came.</summary>
    public long Started { get; } = clock.GetTimestamp();

    /// <summary>Its bytes in the archive.</summary>
    public SentBytes Sent { get; } = new(clock);

    /// <summary>Its length in bytes; null as long as it is not open.</summary>
    public long? ObjectSize { get; set; }
}
