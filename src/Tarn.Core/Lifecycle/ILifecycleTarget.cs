using Tarn.Core.Model;

namespace Tarn.Core.Lifecycle;

/// <summary>What the lifecycle worker walks over and acts on. Every act is conditional on the exact state that was read.</summary>
internal interface ILifecycleTarget
{
    /// <summary>The buckets that have lifecycle rules.</summary>
    IAsyncEnumerable<LifecycleBucket> BucketsAsync(CancellationToken cancellationToken);

    /// <summary>The newest version of each key that is not before a key, in byte order.</summary>
    ValueTask<IReadOnlyList<LifecycleKey>> ReadKeysAsync(LifecycleBucket bucket, byte[] from, int limit, CancellationToken cancellationToken);

    /// <summary>The noncurrent versions of a key, newest first, that are older than one of them.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key's UTF-8.</param>
    /// <param name="after">The version to begin behind; null for the newest noncurrent one.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<LifecycleVersion>> ReadNoncurrentAsync(
        LifecycleBucket bucket, byte[] key, LifecycleVersion? after, int limit, CancellationToken cancellationToken);

    /// <summary>Does what was planned, if nothing that it was planned for changed since: the bucket, the version, the witnesses.</summary>
    /// <param name="bucket">The bucket as it was read.</param>
    /// <param name="key">The key's UTF-8.</param>
    /// <param name="action">What was planned.</param>
    /// <param name="witnesses">Versions that must still be there: those that a rule keeps in place of the deleted one.</param>
    /// <param name="cancellationToken">Cancels before anything is changed.</param>
    ValueTask<LifecycleResult> ApplyAsync(
        LifecycleBucket bucket, byte[] key, LifecycleAction action, IReadOnlyList<LifecycleVersion> witnesses, CancellationToken cancellationToken);

    /// <summary>
    /// Does what was planned for the only versions of several keys, in a bucket that never kept versions: in one commit while
    /// none of them changed, one by one where some did.
    /// </summary>
    /// <returns>What came of each.</returns>
    ValueTask<IReadOnlyList<LifecycleResult>> ApplyAsync(
        LifecycleBucket bucket, IReadOnlyList<LifecyclePlanned> planned, CancellationToken cancellationToken);

    /// <summary>The uploads in progress from a position on; the empty position is the beginning.</summary>
    ValueTask<IReadOnlyList<LifecycleUpload>> ReadUploadsAsync(LifecycleBucket bucket, byte[] from, int limit, CancellationToken cancellationToken);

    /// <summary>Aborts an upload, if neither it nor the bucket changed since they were read.</summary>
    ValueTask<LifecycleResult> AbortAsync(LifecycleBucket bucket, LifecycleUpload upload, CancellationToken cancellationToken);
}

/// <summary>A bucket with lifecycle rules, as it was read.</summary>
/// <param name="Id">Never used again.</param>
/// <param name="Versioning">Whether it keeps versions.</param>
/// <param name="Configuration">The rules.</param>
/// <param name="Token">Names the bucket's exact state to the target.</param>
internal sealed record LifecycleBucket(ulong Id, VersioningState Versioning, LifecycleConfiguration Configuration, object Token);

/// <summary>A key and its newest version.</summary>
internal sealed record LifecycleKey(byte[] Key, LifecycleVersion Newest);

/// <summary>What is to be done with the newest version of a key.</summary>
internal readonly record struct LifecyclePlanned(byte[] Key, LifecycleAction Action);

/// <summary>An upload in progress.</summary>
/// <param name="Key">The key's UTF-8.</param>
/// <param name="Initiated">When it began.</param>
/// <param name="Token">Names its exact state to the target.</param>
/// <param name="Next">The position behind it.</param>
internal sealed record LifecycleUpload(byte[] Key, DateTimeOffset Initiated, object Token, byte[] Next);

/// <summary>What came of an act.</summary>
internal enum LifecycleResult
{
    Applied,

    /// <summary>The version or upload is not as it was planned for; it is looked at again on the next walk.</summary>
    Changed,

    /// <summary>The bucket, and so perhaps its rules, are not as they were read: everything planned is void.</summary>
    BucketChanged,
}
