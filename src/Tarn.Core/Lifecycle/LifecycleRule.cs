namespace Tarn.Core.Lifecycle;

/// <summary>One rule: which objects, and what becomes of them when. Source: Amazon S3 API Reference, data type LifecycleRule.</summary>
public sealed record LifecycleRule
{
    /// <summary>Unique among the bucket's rules, at most 255 characters.</summary>
    public required string Id { get; init; }

    /// <summary>A disabled rule is kept and does nothing.</summary>
    public bool Enabled { get; init; } = true;

    public LifecycleFilter Filter { get; init; } = LifecycleFilter.Everything;

    public LifecycleExpiration? Expiration { get; init; }

    public NoncurrentExpiration? NoncurrentExpiration { get; init; }

    /// <summary>Days after their initiation on which multipart uploads are aborted; null for never.</summary>
    public int? AbortUploadDays { get; init; }
}

/// <summary>When current versions expire: exactly one of the three. Source: Amazon S3 API Reference, data type LifecycleExpiration.</summary>
/// <param name="Days">After the version was written; at least 1.</param>
/// <param name="Date">Midnight UTC.</param>
/// <param name="ExpiredObjectDeleteMarker">True removes delete markers that hide nothing any more; false does nothing.</param>
public sealed record LifecycleExpiration(int? Days, DateTimeOffset? Date = null, bool? ExpiredObjectDeleteMarker = null);

/// <summary>When noncurrent versions are deleted: both conditions must hold. Source: Amazon S3 API Reference, data type NoncurrentVersionExpiration.</summary>
/// <param name="Days">After the version became noncurrent; at least 1.</param>
/// <param name="Keep">How many of the newest noncurrent versions stay whatever their age, 1 to 100; null for none.</param>
public sealed record NoncurrentExpiration(int Days, int? Keep = null);
