using Tarn.Core.Telemetry;
using Tarn.S3.Telemetry;

namespace Tarn.Server.Control.Tarn;

/// <summary>One of the latest requests, and where its time went.</summary>
internal sealed record ExplainedRequestView
{
    /// <summary>Its x-amz-request-id.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it began.</summary>
    public required DateTime Time { get; init; }

    /// <summary>The operation's name; absent if it matched none.</summary>
    public string? Operation { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    public string? Bucket { get; init; }

    public string? Key { get; init; }

    /// <summary>The status of the answer; 499 if the client left before its end.</summary>
    public required int Status { get; init; }

    /// <summary>The code of S3's error; absent if it was served.</summary>
    public string? Error { get; init; }

    /// <summary>ARN of who sent it; absent if it is anonymous or was not authenticated.</summary>
    public string? Requester { get; init; }

    /// <summary>The client's address.</summary>
    public string? Remote { get; init; }

    /// <summary>The name of the accelerator that passed it on; absent for other requests.</summary>
    public string? Accelerator { get; init; }

    /// <summary>Bytes of the object in whose place the accelerator was sent a plan; absent for other requests.</summary>
    public long? PlannedBytes { get; init; }

    public required long BytesIn { get; init; }

    public required long BytesOut { get; init; }

    /// <summary>From its start to its end.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>From its start until the first byte of the object was sent; absent for other answers.</summary>
    public double? FirstByteMilliseconds { get; init; }

    /// <summary>Where the time went, in the order in which a request goes through the stages.</summary>
    public required IReadOnlyList<StageView> Stages { get; init; }

    /// <summary>Why it was denied, for those who may know; absent otherwise.</summary>
    public ExplanationView? Denial { get; init; }

    /// <param name="request">The request.</param>
    /// <param name="denial">Why it was denied, for those who may know.</param>
    /// <param name="withLookups">Whether it is shown what was looked up: of a denied request, that can tell whether an object exists.</param>
    public static ExplainedRequestView Of(FinishedRequest request, ExplanationView? denial, bool withLookups) => new()
    {
        RequestId = request.RequestId ?? "",
        Time = request.Started.UtcDateTime,
        Operation = request.Operation,
        Method = request.Method,
        Bucket = request.Bucket,
        Key = request.LoggedKey,
        Status = request.Status,
        Error = request.ErrorCode,
        Requester = request.Principal?.Arn,
        Remote = request.Remote?.ToString(),
        Accelerator = request.Accelerator,
        PlannedBytes = request.PlannedBytes,
        BytesIn = request.BytesIn,
        BytesOut = request.BytesOut,
        Milliseconds = Rounded(request.Total),
        FirstByteMilliseconds = request.TimeToFirstByte is { } first ? Rounded(first) : null,
        Stages = StagesOf(request, withLookups),
        Denial = denial,
    };

    private static List<StageView> StagesOf(FinishedRequest request, bool withLookups)
    {
        var stages = new List<StageView>();
        if (request.Times is not { } times)
        {
            return stages;
        }

        TimeSpan rest = request.Total;
        for (int i = 0; i < RequestTimes.Stages; i++)
        {
            var stage = (RequestStage)i;
            if (times.Calls(stage) > 0 && (withLookups || stage is not (RequestStage.Authorization or RequestStage.Metadata or RequestStage.Blob)))
            {
                stages.Add(new StageView(StageNames.Of(stage), Rounded(times.Of(stage)), withLookups ? times.Calls(stage) : null));
                rest -= times.Of(stage);
            }
        }

        // Less than nothing remains where parts of a request run at once.
        stages.Add(new StageView("other", Rounded(rest > TimeSpan.Zero ? rest : TimeSpan.Zero), withLookups ? 1 : null));
        return stages;
    }

    private static double Rounded(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}

/// <summary>A stage of a request.</summary>
/// <param name="Stage"><c>authentication</c>, <c>authorization</c>, <c>metadata</c>, <c>blob</c>, <c>receive</c> (of the body), <c>wait</c> (for other requests), <c>send</c>, or <c>other</c>: computing, and all that is not measured.</param>
/// <param name="Milliseconds">Its time, without that of stages inside it.</param>
/// <param name="Calls">How often it was entered; absent for a request that was denied, but to its bucket's owner.</param>
internal sealed record StageView(string Stage, double Milliseconds, int? Calls);
