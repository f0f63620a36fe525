using Tarn.Core.Errors;
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
/// Copies an object with its metadata, tags and storage class, with the permissions that CopyObject needs; to rename it, deletes the source then, if it still is what
/// was copied. A copy of any size is one commit that shares the source's data.
/// </summary>
internal sealed class CopyWork(ObjectReader reader, ObjectCopier copier, ObjectDeleter deleter) : IJobWork
{
    private static readonly Permission Delete = new(S3Action.DeleteObject);

    public async ValueTask<JobOutcome> RunAsync(JobKey key, CancellationToken cancellationToken)
    {
        bool renames = key.Parameters.Kind == JobKind.Rename;
        if (key.Mark is { Copied: { } copied } mark)
        {
            return await DeleteAsync(key, copied, mark.Bytes, cancellationToken);
        }

        // Copies do not feed on what is put after their start: two jobs that copy to each other's prefix would not end.
        key.ThrowIfLater(key.Item.Stored);
        AccessTarget target = key.Destination with { Key = DestinationOf(key) };
        if (renames)
        {
            // Asked before the copy is made too: a requester who may not delete would otherwise be left with two objects.
            await key.ThrowIfDeniedAsync(key.Source, Delete, cancellationToken);
            if (await reader.FindAsync(key.Source.Bucket, key.Item.Key, cancellationToken) is { VersionName: not VersionId.Null })
            {
                await ThrowIfRemovesNullAsync(key.Source, cancellationToken);
            }
        }

        StoredObject source = await CopyAsync(key, target, renames, cancellationToken);
        return renames && !key.Parameters.DryRun ? await DeleteAsync(key, source.Fingerprint(), source.Size, cancellationToken) : JobOutcome.Done(source.Size);
    }

    private static ObjectKey DestinationOf(JobKey key)
    {
        if (!key.Parameters.TryDestinationOf(key.Item.Key, out ObjectKey destination))
        {
            throw new S3Exception(S3Error.KeyTooLong, "The key of the copy would be empty, or longer than 1024 bytes");
        }

        // It would be met again, or have replaced a source that was not met yet.
        if (key.Parameters.StaysInBucket && destination.ToString().StartsWith(key.Parameters.Prefix, StringComparison.Ordinal))
        {
            throw new S3Exception(S3Error.InvalidRequest, "The key of the copy begins with the prefix of the keys that are copied");
        }

        return destination;
    }

    /// <summary>Where versioning is suspended, a write removes the version <c>null</c> also where it is not the newest, and nobody named it.</summary>
    private async ValueTask ThrowIfRemovesNullAsync(AccessTarget target, CancellationToken cancellationToken)
    {
        if (target.Bucket.Versioning == VersioningState.Suspended
            && await reader.FindAsync(target.Bucket, target.Key, VersionId.Null, cancellationToken) is { IsLatest: false, IsDeleteMarker: false })
        {
            throw new S3Exception(
                S3Error.InvalidRequest, $"Versioning is suspended in {target.Bucket.Name.Value}, and the version null of {target.Key}, which is not the newest, would be removed");
        }
    }

    private async ValueTask<StoredObject> CopyAsync(JobKey key, AccessTarget target, bool renames, CancellationToken cancellationToken)
    {
        StoredObject? source = null;
        StoredObject found = await LookAsync();
        string? onlyOf = await MayPutAsync(found);
        WriteCondition condition = (key.Parameters.Overwrite ? WriteCondition.None : WriteCondition.Absent with { KeepsNull = true }).Over(onlyOf);
        if (!key.Parameters.DryRun)
        {
            await copier.CopyAsync(
                FindAsync,
                target.Bucket,
                target.Key,
                key.OwnerIn(target),
                static metadata => metadata with { Acl = null },
                algorithm: null,
                condition,
                cancellationToken,
                (batch, original) =>
                {
                    source = original;
                    if (renames)
                    {
                        key.Copied(batch, original);
                    }
                    else
                    {
                        key.Done(batch, original.Size);
                    }
                });
        }
        else if (!key.Parameters.Overwrite)
        {
            if (await reader.FindAsync(target.Bucket, target.Key, cancellationToken) is not null)
            {
                throw new S3Exception(S3Error.PreconditionFailed);
            }

            await ThrowIfRemovesNullAsync(target, cancellationToken);
        }

        return source ?? found;

        async ValueTask<StoredObject> LookAsync()
        {
            StoredObject now = await reader.FindAsync(key.Source.Bucket, key.Item.Key, cancellationToken) ?? throw key.Missing();
            key.ThrowIfLater(now);
            await ThrowIfMayNotReadAsync(key, key.Source, now, target, cancellationToken);
            return now;
        }

        // Decided by the object that is copied, which may be another one than the first that was looked at.
        async ValueTask<StoredObject> FindAsync()
        {
            StoredObject now = await LookAsync();
            return now.IsSameVersionAs(found) || await MayPutAsync(now) == onlyOf ? now : throw new S3Exception(S3Error.OperationAborted);
        }

        ValueTask<string?> MayPutAsync(StoredObject now) => key.ThrowIfDeniedAsync(target, new Permission(S3Action.PutObject), cancellationToken, FactsOf(key, now));
    }

    /// <summary>Reading the source needs a permission, and copied tags are read from the source and set on the target, which needs both permissions.</summary>
    public static async ValueTask ThrowIfMayNotReadAsync(JobKey key, AccessTarget source, StoredObject found, AccessTarget target, CancellationToken cancellationToken)
    {
        bool versioned = source.Version is not null;
        await key.ThrowIfDeniedAsync(source, new Permission(versioned ? S3Action.GetObjectVersion : S3Action.GetObject), cancellationToken, stored: found);
        if (found.Metadata.Tags.Count > 0)
        {
            await key.ThrowIfDeniedAsync(
                source, new Permission(versioned ? S3Action.GetObjectVersionTagging : S3Action.GetObjectTagging), cancellationToken, stored: found);
            await key.ThrowIfDeniedAsync(target, new Permission(S3Action.PutObjectTagging), cancellationToken, creates: true);
        }
    }

    /// <summary>What policies may have conditions on, of the copy.</summary>
    public static JobFacts FactsOf(JobKey key, StoredObject source) => new()
    {
        CopySource = $"{key.Source.Bucket.Name.Value}/{source.Key}",
        StorageClass = source.StorageClass == StorageClasses.Standard ? null : source.StorageClass,
    };

    /// <summary>Deletes a source that was copied, if the requester may delete it as it was copied, and it is that still.</summary>
    private async ValueTask<JobOutcome> DeleteAsync(JobKey begun, byte[] copied, long bytes, CancellationToken cancellationToken)
    {
        JobKey key = await begun.AgainAsync(cancellationToken);
        try
        {
            if (await reader.FindAsync(key.Source.Bucket, key.Item.Key, cancellationToken) is not { } source)
            {
                // Somebody else deleted it: the copy is all that is left, as was asked for.
                return JobOutcome.Done(bytes);
            }

            if (!source.Fingerprint().AsSpan().SequenceEqual(copied))
            {
                throw new S3Exception(S3Error.PreconditionFailed);
            }

            string? onlyOf = await key.ThrowIfDeniedAsync(key.Source, Delete, cancellationToken, stored: source);
            await deleter.DeleteAsync(
                key.Source.Bucket,
                key.Item.Key,
                version: null,
                key.OwnerIn(key.Source),
                DeleteCondition.None.Over(onlyOf) with { Unchanged = copied, KeepsNull = source.VersionName != VersionId.Null, MarkersUseReserve = false },
                cancellationToken,
                batch => key.Done(batch, bytes));
        }
        catch (S3Exception e) when (e.Error == S3Error.PreconditionFailed)
        {
            throw new S3Exception(S3Error.PreconditionFailed, "The object was changed after it was copied", e);
        }
        catch (S3Exception e) when (e.Error == S3Error.NoSuchKey)
        {
            // As above.
        }

        return JobOutcome.Done(bytes);
    }
}
