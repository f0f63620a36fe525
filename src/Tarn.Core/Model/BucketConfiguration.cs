namespace Tarn.Core.Model;

/// <summary>The configurations that a bucket can have, each in a row of its own. The numbers are persisted.</summary>
public enum BucketConfiguration : byte
{
    /// <summary>The tags of the bucket.</summary>
    Tagging = 1,

    /// <summary>The lifecycle rules.</summary>
    Lifecycle = 2,

    /// <summary>The bucket policy.</summary>
    Policy = 3,

    /// <summary>Object ownership.</summary>
    OwnershipControls = 4,

    /// <summary>The public access block.</summary>
    PublicAccessBlock = 5,

    /// <summary>The access control list of the bucket.</summary>
    Acl = 6,

    /// <summary>The CORS rules.</summary>
    Cors = 7,

    /// <summary>Where lines about requests are delivered.</summary>
    Logging = 8,
}
