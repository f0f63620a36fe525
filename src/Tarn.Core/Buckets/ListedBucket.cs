using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Buckets;

/// <summary>A bucket in a list.</summary>
/// <param name="Name">The bucket's name.</param>
/// <param name="Bucket">The bucket; null if its row is damaged.</param>
/// <param name="Damage">What is wrong with the row; null if nothing is.</param>
public sealed record ListedBucket(BucketName Name, Bucket? Bucket, RecordFormatException? Damage);
