namespace Tarn.S3.Routing;

/// <summary>Whose policies decide about an operation.</summary>
internal enum OperationScope
{
    /// <summary>The bucket's, its access control list and the requester's organization: the bucket is loaded before the decision.</summary>
    Bucket,

    /// <summary>Those of the requester's organization only: there is no bucket, or not yet.</summary>
    Organization,
}
