using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.Policy;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Jobs;

/// <summary>Checks what is asked of a job before it is made: whether it makes sense, and whether the requester could be allowed any of it.</summary>
public sealed class JobRequests
{
    private readonly JobAccess _access;
    private readonly JobRequesters _requesters;
    private readonly BucketCountReader _counts;
    private readonly TimeProvider _clock;

    internal JobRequests(JobAccess access, JobRequesters requesters, BucketCountReader counts, TimeProvider clock)
    {
        _access = access;
        _requesters = requesters;
        _counts = counts;
        _clock = clock;
    }

    /// <summary>Checks a job.</summary>
    /// <param name="wanted">What is asked for.</param>
    /// <param name="principal">Who asks.</param>
    /// <param name="origin">The facts of the request.</param>
    /// <param name="token">What the requester calls the job; null for nothing.</param>
    /// <param name="cancellationToken">Cancels the look-ups.</param>
    /// <returns>The job, to be stored.</returns>
    /// <exception cref="S3Exception">InvalidArgument, InvalidTag, BadRequest, InvalidBucketName; NoSuchBucket; AccessDenied.</exception>
    public async ValueTask<JobRecord> CheckAsync(JobParameters wanted, Principal principal, JobOrigin origin, string? token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(principal);
        ArgumentNullException.ThrowIfNull(origin);
        JobRules.ThrowIfBroken(wanted, _clock.GetUtcNow());
        JobRules.ThrowIfTooLong(origin, token);
        JobRequester requester = await _requesters.NoteAsync(principal, cancellationToken) ?? throw new S3Exception(S3Error.AccessDenied, "the credentials are valid no more");
        AccessTarget source = await _access.FindAsync(wanted.Bucket, cancellationToken);
        AccessTarget? destination = !wanted.Copies ? null : wanted.StaysInBucket ? source : await _access.FindAsync(wanted.Destination, cancellationToken);
        var record = new JobRecord
        {
            Parameters = wanted,
            Requester = requester,
            Origin = origin,
            Token = token,
            BucketId = source.Bucket.Id,
            DestinationId = destination?.Bucket.Id ?? 0,
            Created = _clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        await _access.ThrowIfMayNotListAsync(record, principal, source, cancellationToken);
        foreach ((bool ofSource, S3Action action) in Needed(wanted))
        {
            // With access control lists each object may grant its own reading.
            AccessTarget target = ofSource ? source : destination!.Value;
            if (!(target.Access.TakesAcls && action is (S3Action.GetObject or S3Action.GetObjectVersion)))
            {
                await _access.ThrowIfHopelessAsync(principal, target, new Permission(action), cancellationToken);
            }
        }

        JobRules.ThrowIfUnfit(wanted, source.Bucket);
        return record with { Expected = await ExpectedAsync(wanted, source.Bucket, cancellationToken) };
    }

    private static IEnumerable<(bool OfSource, S3Action Action)> Needed(JobParameters wanted) => wanted.Kind switch
    {
        JobKind.Delete or JobKind.Empty => [(true, wanted.Versions == JobVersions.All ? S3Action.DeleteObjectVersion : S3Action.DeleteObject)],
        JobKind.Copy => [(true, S3Action.GetObject), (false, S3Action.PutObject)],
        JobKind.Rename => [(true, S3Action.GetObject), (false, S3Action.PutObject), (true, S3Action.DeleteObject)],
        JobKind.Tag => [(true, wanted.Tags.Count == 0 ? S3Action.DeleteObjectTagging : S3Action.PutObjectTagging)],
        _ => [(true, S3Action.GetObjectVersion), (true, S3Action.PutObject)],
    };

    private async ValueTask<long> ExpectedAsync(JobParameters wanted, Bucket bucket, CancellationToken cancellationToken)
    {
        if (wanted.Prefix.Length > 0 || wanted.Kind == JobKind.Restore)
        {
            return 0;
        }

        (BucketCounts[] counts, bool areExact) = await _counts.GetAsync([bucket.Id], cancellationToken);
        return !areExact ? 0 : wanted.WalksVersions ? counts[0].Objects + counts[0].NoncurrentVersions + counts[0].DeleteMarkers : counts[0].Objects;
    }
}
