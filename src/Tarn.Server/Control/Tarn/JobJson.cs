using Tarn.Core.Jobs;
using Tarn.Server.Jobs;

namespace Tarn.Server.Control.Tarn;

/// <summary>A job to start.</summary>
internal sealed record JobBody
{
    /// <summary><c>delete</c>, <c>empty</c>, <c>copy</c>, <c>rename</c>, <c>tag</c> or <c>restore</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The keys that begin with it; absent for all. <c>delete</c> needs one, <c>empty</c> has none.</summary>
    public string? Prefix { get; init; }

    /// <summary>For <c>delete</c> and <c>empty</c> in a bucket that keeps versions: <c>markers</c> hides each object behind a delete marker, <c>all</c> deletes every version permanently. Absent in a bucket that never kept versions, where objects are deleted permanently.</summary>
    public string? Versions { get; init; }

    /// <summary>For <c>copy</c> and <c>rename</c>: the bucket that gets the copies; absent for the same.</summary>
    public string? ToBucket { get; init; }

    /// <summary>For <c>copy</c> and <c>rename</c>: replaces the prefix in the keys of the copies.</summary>
    public string? ToPrefix { get; init; }

    /// <summary>For <c>copy</c> and <c>rename</c>: whether an object that is at the destination is replaced; otherwise the key fails.</summary>
    public bool Overwrite { get; init; }

    /// <summary>For <c>tag</c>: the tags, at most ten; empty to remove all.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>For <c>tag</c>: whether an object's other tags stay.</summary>
    public bool Merge { get; init; }

    /// <summary>For <c>restore</c>: the version that was the newest then; absent for the one that delete markers hide.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Whether nothing is changed, and what would be done or denied is counted.</summary>
    public bool DryRun { get; init; }

    /// <summary>What the requester calls the job, 1 to 128 printable ASCII characters: a request with the same makes no second job, as long as the first is kept.</summary>
    public string? RequestToken { get; init; }

    /// <exception cref="ControlRefusalException">A name is not one of those there are; the tags are missing.</exception>
    public JobParameters ToParameters()
    {
        JobKind kind = JobNames.Kind(Kind) ?? throw ControlRefusalException.BadRequest("kind must be delete, empty, copy, rename, tag or restore");
        if (kind == JobKind.Tag && Tags is null)
        {
            throw ControlRefusalException.BadRequest("tags is missing: an empty object removes all tags");
        }

        if (kind != JobKind.Tag && Tags is not null)
        {
            throw ControlRefusalException.BadRequest("tags is only for tag");
        }

        return new JobParameters
        {
            Kind = kind,
            Bucket = Bucket,
            Prefix = Prefix ?? "",
            Versions = Versions switch
            {
                null => JobVersions.Unspecified,
                "markers" => JobVersions.Markers,
                "all" => JobVersions.All,
                _ => throw ControlRefusalException.BadRequest("versions must be markers or all"),
            },
            ToBucket = ToBucket,
            ToPrefix = ToPrefix,
            Overwrite = Overwrite,
            Tags = [.. Tags ?? new Dictionary<string, string>()],
            Merge = Merge,
            At = At,
            DryRun = DryRun,
        };
    }
}

/// <summary>A key that failed.</summary>
/// <param name="Key">The key.</param>
/// <param name="Code">The code of S3's error.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="VersionId">The version, where each version is deleted.</param>
internal sealed record JobErrorView(string Key, string Code, string Message, string? VersionId = null);

/// <summary>A job.</summary>
internal sealed record JobView : IIdentified
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>What it does: <c>delete</c>, <c>empty</c>, <c>copy</c>, <c>rename</c>, <c>tag</c> or <c>restore</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>queued</c>, <c>running</c>, <c>succeeded</c> (it came to its end; single keys may have failed), <c>failed</c> or <c>cancelled</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why it failed, or why it waits to be tried again.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether somebody asked to end it, and it has not ended yet.</summary>
    public required bool CancelRequested { get; init; }

    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The prefix of the keys.</summary>
    public required string Prefix { get; init; }

    /// <summary>What it deletes of a bucket that keeps versions.</summary>
    public string? Versions { get; init; }

    /// <summary>The bucket that gets the copies.</summary>
    public string? ToBucket { get; init; }

    /// <summary>The prefix of the copies.</summary>
    public string? ToPrefix { get; init; }

    /// <summary>Whether objects at the destination are replaced.</summary>
    public bool? Overwrite { get; init; }

    /// <summary>The tags that it sets.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Whether other tags stay.</summary>
    public bool? Merge { get; init; }

    /// <summary>The time whose versions it restores.</summary>
    public DateTime? At { get; init; }

    /// <summary>Whether it changes nothing.</summary>
    public required bool DryRun { get; init; }

    /// <summary>The requester's organization.</summary>
    public required string Organization { get; init; }

    /// <summary>ARN of the requester, as whom it works.</summary>
    public required string Requester { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTime Created { get; init; }

    /// <summary>When it was begun.</summary>
    public DateTime? Started { get; init; }

    /// <summary>When it ended.</summary>
    public DateTime? Finished { get; init; }

    /// <summary>Keys, or versions where each is deleted, that are done. Of a job under way it is counted every 256 keys.</summary>
    public required long Done { get; init; }

    /// <summary>Those that failed.</summary>
    public required long Failed { get; init; }

    /// <summary>Those with which there was nothing to do.</summary>
    public required long Skipped { get; init; }

    /// <summary>The size of the objects that are done, in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>How many keys there were when it was asked for, if it concerns all of a bucket.</summary>
    public long? Expected { get; init; }

    /// <summary>The first 1000 keys that failed; only where one job is shown.</summary>
    public IReadOnlyList<JobErrorView>? Errors { get; init; }

    /// <summary>How many more failed.</summary>
    public long? OmittedErrors { get; init; }

    public static JobView Of(Job job, IReadOnlyList<JobError>? errors = null)
    {
        (JobRecord record, JobParameters wanted) = (job.Record, job.Record.Parameters);
        return new JobView
        {
            Id = job.Id.ToString(),
            Kind = JobNames.Of(wanted.Kind),
            State = JobNames.Of(record.State),
            Reason = record.Reason,
            CancelRequested = record is { IsCancelRequested: true, IsOver: false },
            Bucket = wanted.Bucket,
            Prefix = wanted.Prefix,
            Versions = wanted.Versions == JobVersions.Unspecified ? null : wanted.Versions.ToString().ToLowerInvariant(),
            ToBucket = wanted.Copies ? wanted.Destination : null,
            ToPrefix = wanted.ToPrefix,
            Overwrite = wanted.Copies ? wanted.Overwrite : null,
            Tags = wanted.Kind == JobKind.Tag ? wanted.Tags.ToDictionary() : null,
            Merge = wanted.Kind == JobKind.Tag ? wanted.Merge : null,
            At = wanted.At?.UtcDateTime,
            DryRun = wanted.DryRun,
            Organization = record.Requester.Organization,
            Requester = record.Requester.Arn,
            Created = Time(record.Created)!.Value,
            Started = Time(record.Started),
            Finished = Time(record.Finished),
            Done = record.Counts.Done,
            Failed = record.Counts.Failed,
            Skipped = record.Counts.Skipped,
            Bytes = record.Counts.Bytes,
            Expected = record.Expected == 0 ? null : record.Expected,
            Errors = errors is null ? null : [.. errors.Select(static error => new JobErrorView(error.Key.ToString(), error.Code, error.Message, error.Version))],
            OmittedErrors = errors is null ? null : record.Counts.Failed - errors.Count,
        };
    }

    private static DateTime? Time(long milliseconds) => milliseconds == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime;

    string IIdentified.Identity => Id;
}

/// <param name="Jobs">The newest first.</param>
/// <param name="NextCursor">Where the next page continues; absent after the last page.</param>
internal sealed record JobList(IReadOnlyList<JobView> Jobs, string? NextCursor);
