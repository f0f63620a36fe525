namespace Tarn.Core.Model;

/// <summary>The configurations that a bucket can have, each a row of its own. The numbers are persisted.</summary>
public enum BucketConfiguration : byte
{
    Tagging = 1,
    Lifecycle = 2,
    Policy = 3,
    OwnershipControls = 4,
    PublicAccessBlock = 5,
    Acl = 6,
    Cors = 7,
}
