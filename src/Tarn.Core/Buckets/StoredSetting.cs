using Tarn.Core.KeyValue;

namespace Tarn.Core.Buckets;

/// <summary>Where and how a bucket stores one setting. <see cref="BucketCatalog"/> reads, sets and removes it.</summary>
/// <typeparam name="T">The setting, decoded; immutable, since requests share it.</typeparam>
public abstract class StoredSetting<T>
    where T : class
{
    /// <summary>Whether the bucket has the setting.</summary>
    public abstract bool IsSet(Bucket bucket);

    /// <summary>The setting of a bucket that has it; null when it was removed since the bucket was read.</summary>
    internal abstract ValueTask<T?> ReadAsync(IKeyValueReader store, Bucket bucket, CancellationToken cancellationToken);

    /// <summary>Adds to a commit what sets, or with null removes, the setting.</summary>
    /// <returns>The bucket's record as it then is.</returns>
    internal abstract BucketRecord Change(BucketRecord record, T? value, KeyValueBatch batch);
}
