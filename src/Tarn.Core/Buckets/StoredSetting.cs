using Tarn.Core.KeyValue;

namespace Tarn.Core.Buckets;

/// <summary>Where and how a bucket stores one setting. <see cref="BucketCatalog"/> reads, sets and removes it.</summary>
/// <typeparam name="T">The setting, decoded; immutable, since requests share it.</typeparam>
public abstract class StoredSetting<T>
    where T : class
{
    /// <summary>Whether the bucket has the setting.</summary>
    public abstract bool IsSet(Bucket bucket);

    /// <summary>Reads the setting of a bucket that has it; null when it was removed since the bucket was read.</summary>
    internal abstract ValueTask<T?> ReadAsync(IKeyValueReader store, Bucket bucket, CancellationToken cancellationToken);

    /// <summary>Adds to the batch the change that sets the setting, or removes it if null.</summary>
    /// <returns>The bucket's record after the change.</returns>
    internal abstract BucketRecord Change(BucketRecord record, T? value, KeyValueBatch batch);
}
