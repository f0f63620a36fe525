using Tarn.Core.Errors;
using Tarn.Core.Jobs;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Policy;
using Tarn.S3.Routing;

namespace Tarn.S3.Jobs;

/// <summary>
/// Deletes a key or a version, with the permission that DeleteObject needs: only what was there when the job was asked for, and of versions only the one that was listed, since the version
/// <c>null</c> may be another one by then.
/// </summary>
internal sealed class DeleteWork(ObjectDeleter deleter) : IJobWork
{
    private static readonly Permission Delete = new(S3Action.DeleteObject);
    private static readonly Permission DeleteVersion = new(S3Action.DeleteObjectVersion);

    public async ValueTask<JobOutcome> RunAsync(JobKey key, CancellationToken cancellationToken)
    {
        bool keepsVersions = key.Source.Bucket.Versioning != VersioningState.Never;
        if (keepsVersions && key.Parameters.Versions == JobVersions.Unspecified)
        {
            throw new JobStoppedException($"the bucket {key.Source.Bucket.Name.Value} keeps versions now, and the job does not say whether it deletes them");
        }

        if (!keepsVersions && key.Parameters.Versions == JobVersions.Markers)
        {
            throw new JobStoppedException($"the bucket {key.Source.Bucket.Name.Value} keeps no versions that a marker could hide");
        }

        key.ThrowIfLater(key.Item.Stored);
        string? onlyOf = await key.ThrowIfDeniedAsync(key.Source, key.Item.IsVersion ? DeleteVersion : Delete, cancellationToken);
        long bytes = key.Item.Stored.Size;
        if (!key.Parameters.DryRun)
        {
            DeleteCondition condition = DeleteCondition.None.Over(onlyOf) with
            {
                OnlyVersion = key.Item.IsVersion ? key.Item.Stored : null, WrittenBy = key.AskedBy, MarkersUseReserve = false,
            };
            try
            {
                await deleter.DeleteAsync(key.Source.Bucket, key.Item.Key, key.Item.Version, key.OwnerIn(key.Source), condition, cancellationToken, batch => key.Done(batch, bytes));
            }
            catch (S3Exception e) when (e.Error == S3Error.PreconditionFailed)
            {
                throw new JobSkippedException();
            }
        }

        return JobOutcome.Done(bytes);
    }
}
