using Tarn.Core.Model;

namespace Tarn.S3.Telemetry;

/// <summary>The source of a copy.</summary>
/// <param name="BucketId">The id of its bucket.</param>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="OwnerId">Canonical user id of the bucket's owner.</param>
/// <param name="Key">The object's key.</param>
/// <param name="VersionId">The version that the request names; null for none.</param>
public sealed record CopiedObject(ulong BucketId, string Bucket, string OwnerId, ObjectKey Key, string? VersionId)
{
    /// <summary>Whether the bucket has requests for it logged (PutBucketLogging).</summary>
    public bool IsLogged { get; init; }

    /// <summary>Whether it could be read: what fails later is a failure of the target alone.</summary>
    public bool IsRead { get; init; }

    /// <summary>Whether reading it needed an access control list.</summary>
    public bool NeededAcl { get; init; }
}
