using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Policy;
using Tarn.S3.Access;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>Finds the source of CopyObject and UploadPartCopy and checks access to it and the client's conditions.</summary>
internal sealed class CopySourceReader(ObjectReader reader, RequestedBuckets buckets, AccessChecks checks, TimeProvider clock)
{
    /// <summary>Parses the source header and finds its bucket.</summary>
    /// <exception cref="S3Exception">InvalidArgument, AccessDenied, NoSuchBucket.</exception>
    public async ValueTask<AccessTarget> ReadAsync(S3Context context)
    {
        CopySource source = CopySource.Parse(context.Request.Headers["x-amz-copy-source"].ToString());
        VersionParameter.ThrowIfInvalid(source.VersionId);
        return await buckets.FindSourceAsync(context.Caller, source, context.Answer);
    }

    /// <summary>Adds the source's version id to the answer if its bucket has versioning.</summary>
    public static void WriteVersion(S3Context context, Bucket bucket, StoredObject? source)
    {
        if (source is not null && bucket.Versioning != VersioningState.Never)
        {
            context.Response.Headers["x-amz-copy-source-version-id"] = source.VersionName;
        }
    }

    /// <summary>Looks the source up and authorizes reading it, once for every attempt to copy it.</summary>
    /// <exception cref="S3Exception">AccessDenied, NoSuchKey, NoSuchVersion, InvalidRequest for a delete marker, PreconditionFailed.</exception>
    public async ValueTask<StoredObject> FindAsync(S3Context context, AccessTarget source, bool copiesTags)
    {
        StoredObject? found = await reader.FindAsync(source.Bucket, source.Key, source.Version, context.CancellationToken);
        bool neededAcl = await ThrowIfDeniedAsync(context, source, found, copiesTags);
        if (found is null || found.IsDeleteMarker)
        {
            throw source.Version is null
                ? new S3Exception(S3Error.NoSuchKey) { Details = [new("Key", source.Key.ToString())] }
                : found is null
                    ? new S3Exception(S3Error.NoSuchVersion) { Details = [new("Key", source.Key.ToString()), new("VersionId", source.Version)] }
                    : new S3Exception(S3Error.InvalidRequest, "The source of a copy request may not specifically refer to a delete marker by version id.");
        }

        Preconditions conditions = Preconditions.FromCopySource(context.Request.Headers);
        if (conditions.Evaluate(found.ETag.ToString(), found.LastModified, clock.GetUtcNow()) != PreconditionOutcome.Holds)
        {
            throw new S3Exception(S3Error.PreconditionFailed) { Details = [new("Condition", "x-amz-copy-source-if-*")] };
        }

        context.Answer.ReadSource(neededAcl);
        return found;
    }

    /// <summary>
    /// The requester must be allowed to read the source, and learns that it is missing only if they may list its bucket. Copied tags are
    /// read from the source and set on the target, which needs both permissions. Whether an access control list was needed.
    /// </summary>
    private async ValueTask<bool> ThrowIfDeniedAsync(S3Context context, AccessTarget source, StoredObject? found, bool copiesTags)
    {
        bool versioned = source.Version is not null;
        bool neededAcl = false;
        bool tells = found is not null || await checks.MayListAsync(context.Caller, source);
        if (found is not null || !tells || !source.Access.TakesAcls)
        {
            AccessDecision decision = await checks.ThrowIfDeniedAsync(context.Caller, source, new Permission(versioned ? S3Action.GetObjectVersion : S3Action.GetObject), found);
            neededAcl = decision.Ground == AccessGround.AccessControlList;
        }

        if (!tells)
        {
            throw checks.MissingObjectDenial(context, source);
        }

        if (copiesTags && found is { Metadata.Tags.Count: > 0 })
        {
            await checks.ThrowIfDeniedAsync(
                context.Caller, source, new Permission(versioned ? S3Action.GetObjectVersionTagging : S3Action.GetObjectTagging), found);
            await checks.ThrowIfDeniedAsync(
                context.Caller, new AccessTarget(context.RequiredBucket, context.FoundAccess, context.Key), new Permission(S3Action.PutObjectTagging), creates: true);
        }

        return neededAcl;
    }
}
