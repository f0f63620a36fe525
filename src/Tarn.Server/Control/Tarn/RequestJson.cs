using Tarn.S3.Telemetry;
using Tarn.Server.Requests;

namespace Tarn.Server.Control.Tarn;

/// <summary>A request that has ended.</summary>
internal sealed record RequestView
{
    /// <summary>When it started.</summary>
    public required DateTime Time { get; init; }

    /// <summary>Its id, as in <c>x-amz-request-id</c>; of a share link's use, only here.</summary>
    public string? RequestId { get; init; }

    /// <summary>The operation; absent when it matched none.</summary>
    public string? Operation { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>The bucket or disk as sent.</summary>
    public string? Bucket { get; init; }

    /// <summary>The key as sent.</summary>
    public string? Key { get; init; }

    /// <summary>The status that was answered; 499: the client left before the end.</summary>
    public required int Status { get; init; }

    /// <summary>S3's error code, when it was refused; ClientClosedRequest, when the client left before the end; of a refused share link, the status.</summary>
    public string? Error { get; init; }

    /// <summary>Bytes of its body that were read.</summary>
    public required long BytesIn { get; init; }

    /// <summary>Bytes of the answer's body that were sent.</summary>
    public required long BytesOut { get; init; }

    /// <summary>From its start to its end, in milliseconds.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>From its start to the first byte of an object, in milliseconds.</summary>
    public double? FirstByteMilliseconds { get; init; }

    /// <summary>ARN of the requester; absent when it is anonymous or was not authenticated.</summary>
    public string? Requester { get; init; }

    /// <summary>The client's address.</summary>
    public string? Remote { get; init; }

    /// <summary>The name of the accelerator that passed it on; absent for other requests.</summary>
    public string? Accelerator { get; init; }

    /// <summary>Bytes of the object in whose place the accelerator was sent a plan; absent for other requests.</summary>
    public long? PlannedBytes { get; init; }

    public static RequestView Of(FinishedRequest request) => new()
    {
        Time = request.Started.UtcDateTime,
        RequestId = request.RequestId,
        Operation = request.Operation,
        Method = request.Method,
        Bucket = request.Bucket,
        Key = request.LoggedKey,
        Status = request.Status,
        Error = request.ErrorCode,
        BytesIn = request.BytesIn,
        BytesOut = request.BytesOut,
        Milliseconds = Math.Round(request.Total.TotalMilliseconds, 3),
        FirstByteMilliseconds = request.TimeToFirstByte is { } first ? Math.Round(first.TotalMilliseconds, 3) : null,
        Requester = request.Principal?.Arn,
        Remote = request.Remote?.ToString(),
        Accelerator = request.Accelerator,
        PlannedBytes = request.PlannedBytes,
    };
}

/// <param name="Requests">One page of requests, the newest first.</param>
/// <param name="Capacity">How many requests of everybody the server keeps; none of them is left out.</param>
/// <param name="NextCursor">Where to continue; absent on the last page.</param>
internal sealed record RequestList(IReadOnlyList<RequestView> Requests, int Capacity, string? NextCursor);

/// <summary>What all requests together did in about a second.</summary>
/// <param name="Time">When the second ended.</param>
/// <param name="Seconds">How long it was.</param>
/// <param name="Requests">Requests that ended.</param>
/// <param name="Errors">Those with a status of 400 or above, and those whose client left before the end.</param>
/// <param name="ServerErrors">Those with a status of 500 or above.</param>
/// <param name="BytesIn">Bytes of their bodies.</param>
/// <param name="BytesOut">Bytes of their answers' bodies.</param>
/// <param name="P50Milliseconds">The time that half of them took at most, bodies included, to an eighth; absent if none ended.</param>
/// <param name="P99Milliseconds">The time that 99 of 100 of them took at most, bodies included, to an eighth; absent if none ended.</param>
internal sealed record RateView(DateTime Time, double Seconds, long Requests, long Errors, long ServerErrors, long BytesIn, long BytesOut, double? P50Milliseconds, double? P99Milliseconds)
{
    public static RateView Of(RequestSecond second) => new(
        second.Ended.UtcDateTime, Math.Round(second.Length.TotalSeconds, 3), second.Done.Requests, second.Done.Errors, second.Done.ServerErrors, second.Done.BytesIn, second.Done.BytesOut,
        Milliseconds(second.P50), Milliseconds(second.P99));

    private static double? Milliseconds(TimeSpan? time) => time is { } known ? Math.Round(known.TotalMilliseconds, 3) : null;
}

/// <param name="InFlight">S3 requests in flight now.</param>
/// <param name="Rates">The last seconds, from the oldest on.</param>
internal sealed record RateList(int InFlight, IReadOnlyList<RateView> Rates);
