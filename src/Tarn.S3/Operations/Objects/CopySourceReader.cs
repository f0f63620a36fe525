using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Objects;
using Tarn.S3.Auth;
using Tarn.S3.Pipeline;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>The source of CopyObject and UploadPartCopy: found, allowed to be read, and as the client's conditions want it.</summary>
internal sealed class CopySourceReader(ObjectReader reader, OwnerAuthorizer authorizer, TimeProvider clock)
{
    /// <summary>Names the source.</summary>
    /// <exception cref="S3Exception">InvalidArgument, AccessDenied, NoSuchBucket.</exception>
    public async ValueTask<(CopySource Name, Bucket Bucket)> ReadAsync(S3Context context)
    {
        CopySource source = CopySource.Parse(context.Request.Headers["x-amz-copy-source"].ToString());
        VersionParameter.Check(source.VersionId);
        return (source, await authorizer.FindSourceAsync(context, source.Bucket));
    }

    /// <summary>Names the source's version in the answer, where its bucket keeps versions.</summary>
    public static void WriteVersion(S3Context context, Bucket bucket, StoredObject? source)
    {
        if (source is not null && bucket.Versioning != VersioningState.Never)
        {
            context.Response.Headers["x-amz-copy-source-version-id"] = source.VersionName;
        }
    }

    /// <summary>Looks the source up, once for every attempt to copy it.</summary>
    /// <exception cref="S3Exception">NoSuchKey, NoSuchVersion, InvalidRequest for a delete marker, PreconditionFailed.</exception>
    public async ValueTask<StoredObject> FindAsync(S3Context context, Bucket bucket, CopySource source)
    {
        StoredObject? found = await reader.FindAsync(bucket, source.Key, source.VersionId, context.CancellationToken);
        if (found is null || found.IsDeleteMarker)
        {
            throw source.VersionId is null
                ? new S3Exception(S3Error.NoSuchKey) { Details = [new("Key", source.Key.ToString())] }
                : found is null
                    ? new S3Exception(S3Error.NoSuchVersion) { Details = [new("Key", source.Key.ToString()), new("VersionId", source.VersionId)] }
                    : new S3Exception(S3Error.InvalidRequest, "The source of a copy request may not specifically refer to a delete marker by version id.");
        }

        Preconditions conditions = Preconditions.FromCopySource(context.Request.Headers);
        if (conditions.Evaluate(found.ETag.ToString(), found.LastModified, clock.GetUtcNow()) != PreconditionOutcome.Holds)
        {
            throw new S3Exception(S3Error.PreconditionFailed) { Details = [new("Condition", "x-amz-copy-source-if-*")] };
        }

        return found;
    }
}
