using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Buckets;

/// <summary>A bucket setting stored in a row of its own.</summary>
/// <param name="kind">The row's kind.</param>
/// <param name="encode">Encodes the setting as the row's bytes.</param>
/// <param name="decode">Decodes the row's bytes for the bucket that has them.</param>
public sealed class SettingRow<T>(BucketConfiguration kind, Func<T, byte[]> encode, Func<byte[], Bucket, T> decode) : StoredSetting<T>
    where T : class
{
    /// <summary>Whether the decoded setting is cached as long as the bucket is unchanged: for settings that requests need, not for those only read back.</summary>
    public bool IsCached { get; init; } = true;

    /// <summary>The key, by the bucket's id, of the progress row that a change of the setting resets; null when there is none.</summary>
    internal Func<ulong, byte[]>? Progress { get; init; }

    /// <inheritdoc/>
    public override bool IsSet(Bucket bucket)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.Has(kind);
    }

    /// <summary>Encodes the setting for a bucket that is created with it.</summary>
    public InitialSetting Initially(T value) => new(kind, encode(value));

    internal override async ValueTask<T?> ReadAsync(IKeyValueReader store, Bucket bucket, CancellationToken cancellationToken)
    {
        if (bucket.Decoded.TryGetValue(this, out object? known))
        {
            return (T)known;
        }

        byte[] key = Tables.BucketConfigurationKey(bucket.Id, kind);
        if (await store.GetAsync(key, cancellationToken) is not { } bytes)
        {
            return null;
        }

        T value = Rows.Decode(key, bytes, _ => decode(bytes, bucket));
        if (IsCached)
        {
            bucket.Decoded[this] = value;
        }

        return value;
    }

    internal override BucketRecord Change(BucketRecord record, T? value, KeyValueBatch batch)
    {
        byte[] row = Tables.BucketConfigurationKey(record.Id, kind);
        ulong bit = 1UL << (int)kind;
        _ = value is null ? batch.Delete(row).AsRemoval() : batch.Put(row, encode(value));
        if (Progress is not null)
        {
            batch.Delete(Progress(record.Id));
        }

        return record with
        {
            ConfigurationGeneration = record.ConfigurationGeneration + 1,
            Configurations = value is null ? record.Configurations & ~bit : record.Configurations | bit,
        };
    }
}

/// <summary>A setting that a bucket is created with, encoded.</summary>
public readonly record struct InitialSetting(BucketConfiguration Kind, byte[] Value);
