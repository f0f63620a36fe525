namespace Tarn.Core.Lifecycle;

/// <summary>One rule: the objects that it applies to, its actions, and when they are due. Source: Amazon S3 API Reference, data type LifecycleRule.</summary>
public sealed record LifecycleRule
{
    /// <summary>Unique among the bucket's rules, at most 255 characters.</summary>
    public required string Id { get; init; }

    /// <summary>Whether the rule is applied; a disabled rule is kept.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The objects that the rule applies to.</summary>
    public LifecycleFilter Filter { get; init; } = LifecycleFilter.Everything;

    /// <summary>When current versions expire; null for never.</summary>
    public LifecycleExpiration? Expiration { get; init; }

    /// <summary>When noncurrent versions are deleted; null for never.</summary>
    public NoncurrentExpiration? NoncurrentExpiration { get; init; }

    /// <summary>Days after its initiation when a multipart upload is aborted; null for never.</summary>
    public int? AbortUploadDays { get; init; }
}

/// <summary>When current versions expire: exactly one of the three. Source: Amazon S3 API Reference, data type LifecycleExpiration.</summary>
/// <param name="Days">Days after the version was written, at least 1.</param>
/// <param name="Date">A date, at midnight UTC.</param>
/// <param name="ExpiredObjectDeleteMarker">True removes delete markers that hide no version; false does nothing.</param>
public sealed record LifecycleExpiration(int? Days, DateTimeOffset? Date = null, bool? ExpiredObjectDeleteMarker = null);

/// <summary>When noncurrent versions are deleted: both conditions must hold. Source: Amazon S3 API Reference, data type NoncurrentVersionExpiration.</summary>
/// <param name="Days">Days after the version became noncurrent, at least 1.</param>
/// <param name="Keep">How many of the newest noncurrent versions to keep regardless of age, 1 to 100; null for none.</param>
public sealed record NoncurrentExpiration(int Days, int? Keep = null);
