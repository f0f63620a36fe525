namespace Tarn.Core.Model;

/// <summary>
/// Who owns the objects of a bucket, and whether access control lists count in it. The numbers are persisted.
/// Source: Amazon S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".
/// </summary>
public enum ObjectOwnership : byte
{
    /// <summary>The bucket's owner owns everything; lists have no effect and are refused. What a bucket without the setting has.</summary>
    BucketOwnerEnforced = 0,

    /// <summary>The bucket's owner owns what is uploaded with bucket-owner-full-control, the uploader the rest.</summary>
    BucketOwnerPreferred = 1,

    /// <summary>The uploader owns the object.</summary>
    ObjectWriter = 2,
}
