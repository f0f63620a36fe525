using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Model;

namespace Tarn.S3.Requests;

/// <summary>The bucket or object on which a permission is needed.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Access">The bucket's access settings.</param>
/// <param name="Key">The object's key; default for the bucket itself.</param>
/// <param name="Version">The version id in the request; null for none.</param>
internal readonly record struct AccessTarget(Bucket Bucket, BucketAccess Access, ObjectKey Key = default, string? Version = null)
{
    /// <summary>The ARN, as in policies.</summary>
    public string Arn => Key.Utf8.Length == 0 ? $"arn:aws:s3:::{Bucket.Name.Value}" : $"arn:aws:s3:::{Bucket.Name.Value}/{Key}";
}
