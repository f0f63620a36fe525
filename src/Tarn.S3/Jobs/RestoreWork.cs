using Tarn.Core.Jobs;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Policy;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Jobs;

/// <summary>
/// Makes an older version of a key the newest again by copying it, with the permissions that CopyObject with a version needs. Nothing is deleted: what was the newest, be it a
/// delete marker, stays among the versions.
/// </summary>
internal sealed class RestoreWork(JobWalk walk, ObjectReader reader, ObjectCopier copier) : IJobWork
{
    public async ValueTask<JobOutcome> RunAsync(JobKey key, CancellationToken cancellationToken)
    {
        if (key.Source.Bucket.Versioning == VersioningState.Never)
        {
            throw new JobStoppedException($"the bucket {key.Source.Bucket.Name.Value} keeps no versions");
        }

        if (key.Source.Bucket.Versioning == VersioningState.Suspended)
        {
            // The copy would be the version null, and that which is there, be it the newest or an older one, would be gone.
            throw new JobStoppedException($"versioning is suspended in the bucket {key.Source.Bucket.Name.Value}, so that restoring would remove the version null of a key");
        }

        StoredObject? newest = await reader.FindAsync(key.Source.Bucket, key.Item.Key, cancellationToken)
            ?? await reader.FindMarkerAsync(key.Source.Bucket, key.Item.Key, cancellationToken);
        if (newest is null || await walk.FindRestorableAsync(key.Source.Bucket, newest, key.Parameters.At, cancellationToken) is not { } older)
        {
            return JobOutcome.Skipped;
        }

        AccessTarget source = key.Source with { Version = older.VersionName };
        await CopyWork.ThrowIfMayNotReadAsync(key, source, older, key.Source, cancellationToken);
        string? onlyOf = await key.ThrowIfDeniedAsync(key.Source, new Permission(S3Action.PutObject), cancellationToken, CopyWork.FactsOf(key, older));
        if (!key.Parameters.DryRun)
        {
            await copier.CopyAsync(
                async () =>
                {
                    StoredObject now = await reader.FindAsync(key.Source.Bucket, key.Item.Key, older.VersionName, cancellationToken) ?? throw key.Missing();
                    await CopyWork.ThrowIfMayNotReadAsync(key, source, now, key.Source, cancellationToken);
                    return now;
                },
                key.Source.Bucket,
                key.Item.Key,
                key.OwnerIn(key.Source),
                static metadata => metadata with { Acl = null },
                algorithm: null,
                Still(newest).Over(onlyOf),
                cancellationToken,
                (batch, original) => key.Done(batch, original.Size));
        }

        return JobOutcome.Done(older.Size);
    }

    /// <summary>An object that was put meanwhile is not hidden by one that was chosen before.</summary>
    private static WriteCondition Still(StoredObject newest) => newest.IsDeleteMarker ? WriteCondition.Absent : new WriteCondition(IfMatch: newest.ETag.ToString());
}
