namespace Tarn.Core.Model;

/// <summary>
/// Who owns the objects of a bucket, and whether access control lists apply. The numbers are persisted.
/// Source: Amazon S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".
/// </summary>
public enum ObjectOwnership : byte
{
    /// <summary>BucketOwnerEnforced, the default: the bucket's owner owns every object; access control lists have no effect and are refused.</summary>
    BucketOwnerEnforced = 0,

    /// <summary>BucketOwnerPreferred: the bucket's owner owns objects uploaded with bucket-owner-full-control, the uploader all others.</summary>
    BucketOwnerPreferred = 1,

    /// <summary>ObjectWriter: the uploader owns the object.</summary>
    ObjectWriter = 2,
}
