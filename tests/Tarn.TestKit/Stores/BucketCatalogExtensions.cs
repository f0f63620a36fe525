using Tarn.Core.Buckets;
using Tarn.Core.Model;

namespace Tarn.TestKit.Stores;

/// <summary>Shortcuts for what many tests do.</summary>
public static class BucketCatalogExtensions
{
    /// <summary>Turns versioning on or suspends it.</summary>
    public static ValueTask SetVersioningAsync(this BucketCatalog buckets, Bucket bucket, VersioningState state, CancellationToken cancellationToken) =>
        buckets.SetSettingAsync(bucket, BucketVersioning.Stored, new BucketVersioning(state), cancellationToken);
}
