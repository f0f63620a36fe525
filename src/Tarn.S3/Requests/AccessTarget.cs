using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Model;

namespace Tarn.S3.Requests;

/// <summary>What a permission is needed on.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Access">What the bucket says about access.</param>
/// <param name="Key">The object's key; default for the bucket itself.</param>
/// <param name="Version">The version that is named; null for none.</param>
internal readonly record struct AccessTarget(Bucket Bucket, BucketAccess Access, ObjectKey Key = default, string? Version = null)
{
    /// <summary>ARN as policies write it.</summary>
    public string Arn => Key.Utf8.Length == 0 ? $"arn:aws:s3:::{Bucket.Name.Value}" : $"arn:aws:s3:::{Bucket.Name.Value}/{Key}";
}
