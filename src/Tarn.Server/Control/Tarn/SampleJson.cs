using Tarn.Core.Samples;

namespace Tarn.Server.Control.Tarn;

/// <summary>What a bucket held at the end of an hour or day, and what requests did to it in that time.</summary>
internal sealed record SampleView
{
    /// <summary>When the hour or day began.</summary>
    public required DateTime Time { get; init; }

    /// <summary>For how many seconds of it requests were counted.</summary>
    public required long ObservedSeconds { get; init; }

    /// <summary>Whether what the bucket held is exact; otherwise it was being counted.</summary>
    public required bool IsExact { get; init; }

    /// <summary>Objects, without older versions and delete markers.</summary>
    public required long Objects { get; init; }

    /// <summary>Their sizes together, in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Older versions.</summary>
    public required long NoncurrentVersions { get; init; }

    /// <summary>Their sizes together, in bytes.</summary>
    public required long NoncurrentBytes { get; init; }

    /// <summary>Delete markers.</summary>
    public required long DeleteMarkers { get; init; }

    /// <summary>Multipart uploads in progress.</summary>
    public required long Uploads { get; init; }

    /// <summary>The sizes of their parts together, in bytes.</summary>
    public required long UploadBytes { get; init; }

    /// <summary>Requests that ended.</summary>
    public required long Requests { get; init; }

    /// <summary>Those with a status of 400 or above, and those whose client left before the end.</summary>
    public required long Errors { get; init; }

    /// <summary>Those with a status of 500 or above.</summary>
    public required long ServerErrors { get; init; }

    /// <summary>Bytes of request bodies.</summary>
    public required long BytesIn { get; init; }

    /// <summary>Bytes of answers' bodies.</summary>
    public required long BytesOut { get; init; }

    public static SampleView Of(DateTimeOffset time, BucketSample sample) => new()
    {
        Time = time.UtcDateTime,
        ObservedSeconds = sample.ObservedSeconds,
        IsExact = sample.IsExact,
        Objects = sample.Held.Objects,
        Bytes = sample.Held.Bytes,
        NoncurrentVersions = sample.Held.NoncurrentVersions,
        NoncurrentBytes = sample.Held.NoncurrentBytes,
        DeleteMarkers = sample.Held.DeleteMarkers,
        Uploads = sample.Held.Uploads,
        UploadBytes = sample.Held.UploadBytes,
        Requests = sample.Activity.Requests,
        Errors = sample.Activity.Errors,
        ServerErrors = sample.Activity.ServerErrors,
        BytesIn = sample.Activity.BytesIn,
        BytesOut = sample.Activity.BytesOut,
    };
}

/// <param name="Samples">One page of samples, in order of time.</param>
/// <param name="StepSeconds">The length of the time of each: 3600 or 86400.</param>
/// <param name="NextCursor">Where to continue; absent on the last page.</param>
internal sealed record SampleList(IReadOnlyList<SampleView> Samples, int StepSeconds, string? NextCursor);
