using Tarn.Core.Model;

namespace Tarn.Core.Lifecycle;

/// <summary>What the lifecycle worker walks over and acts on. Every action is conditional on the exact state that was read.</summary>
internal interface ILifecycleTarget
{
    /// <summary>Lists the buckets that have lifecycle rules.</summary>
    IAsyncEnumerable<LifecycleBucket> BucketsAsync(CancellationToken cancellationToken);

    /// <summary>Reads the newest version of each key from a given key on, in byte order.</summary>
    ValueTask<IReadOnlyList<LifecycleKey>> ReadKeysAsync(LifecycleBucket bucket, byte[] from, int limit, CancellationToken cancellationToken);

    /// <summary>Reads the noncurrent versions of a key, newest first, that are older than a given one.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key's UTF-8.</param>
    /// <param name="after">The version to start after; null to start with the newest noncurrent one.</param>
    /// <param name="limit">The maximum number of versions to read.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<LifecycleVersion>> ReadNoncurrentAsync(
        LifecycleBucket bucket, byte[] key, LifecycleVersion? after, int limit, CancellationToken cancellationToken);

    /// <summary>Performs a planned action unless the bucket, the version or a witness has changed since it was read.</summary>
    /// <param name="bucket">The bucket as read.</param>
    /// <param name="key">The key's UTF-8.</param>
    /// <param name="action">The planned action.</param>
    /// <param name="witnesses">Versions that must still exist, because the rule deletes this one only while it keeps those.</param>
    /// <param name="cancellationToken">Cancels before anything is changed.</param>
    ValueTask<LifecycleResult> ApplyAsync(
        LifecycleBucket bucket, byte[] key, LifecycleAction action, IReadOnlyList<LifecycleVersion> witnesses, CancellationToken cancellationToken);

    /// <summary>
    /// Performs planned actions on the only versions of several keys in a bucket that never kept versions: in one commit if
    /// none of them changed, otherwise one by one.
    /// </summary>
    /// <returns>The result for each key.</returns>
    ValueTask<IReadOnlyList<LifecycleResult>> ApplyAsync(
        LifecycleBucket bucket, IReadOnlyList<LifecyclePlanned> planned, CancellationToken cancellationToken);

    /// <summary>Reads the uploads in progress from a position on; the empty position is the start.</summary>
    ValueTask<IReadOnlyList<LifecycleUpload>> ReadUploadsAsync(LifecycleBucket bucket, byte[] from, int limit, CancellationToken cancellationToken);

    /// <summary>Aborts an upload unless it or the bucket has changed since they were read.</summary>
    ValueTask<LifecycleResult> AbortAsync(LifecycleBucket bucket, LifecycleUpload upload, CancellationToken cancellationToken);
}

/// <summary>A bucket with lifecycle rules, as read.</summary>
/// <param name="Id">The bucket's id, never reused.</param>
/// <param name="Versioning">Whether it keeps versions.</param>
/// <param name="Configuration">The rules.</param>
/// <param name="Token">Identifies the bucket's exact state to the target.</param>
internal sealed record LifecycleBucket(ulong Id, VersioningState Versioning, LifecycleConfiguration Configuration, object Token);

/// <summary>A key and its newest version.</summary>
internal sealed record LifecycleKey(byte[] Key, LifecycleVersion Newest);

/// <summary>The planned action for the newest version of a key.</summary>
internal readonly record struct LifecyclePlanned(byte[] Key, LifecycleAction Action);

/// <summary>An upload in progress.</summary>
/// <param name="Key">The key's UTF-8.</param>
/// <param name="Initiated">When it began.</param>
/// <param name="Token">Identifies its exact state to the target.</param>
/// <param name="Next">The position after it.</param>
internal sealed record LifecycleUpload(byte[] Key, DateTimeOffset Initiated, object Token, byte[] Next);

/// <summary>The result of an action.</summary>
internal enum LifecycleResult
{
    Applied,

    /// <summary>The version or upload has changed; the next walk looks at it again.</summary>
    Changed,

    /// <summary>The bucket, and so perhaps its rules, has changed: everything planned is void.</summary>
    BucketChanged,
}
