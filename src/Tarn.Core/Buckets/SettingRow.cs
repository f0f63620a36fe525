using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Buckets;

/// <summary>A setting in a row of its own.</summary>
/// <param name="kind">Names the row.</param>
/// <param name="encode">To the row's bytes.</param>
/// <param name="decode">From the row's bytes, of this bucket.</param>
public sealed class SettingRow<T>(BucketConfiguration kind, Func<T, byte[]> encode, Func<byte[], Bucket, T> decode) : StoredSetting<T>
    where T : class
{
    /// <summary>Whether what was decoded is kept as long as the bucket does not change. For what requests need, not for what is only read back.</summary>
    public bool IsCached { get; init; } = true;

    /// <summary>A row, by the bucket's id, of work that a change of the setting begins anew; null: there is none.</summary>
    internal Func<ulong, byte[]>? Progress { get; init; }

    public override bool IsSet(Bucket bucket)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.Has(kind);
    }

    /// <summary>The setting as a bucket is created with it.</summary>
    public InitialSetting Initially(T value) => new(kind, encode(value));

    internal override async ValueTask<T?> ReadAsync(IKeyValueReader store, Bucket bucket, CancellationToken cancellationToken)
    {
        if (bucket.Decoded.TryGetValue(this, out object? known))
        {
            return (T)known;
        }

        if (await store.GetAsync(Tables.BucketConfigurationKey(bucket.Id, kind), cancellationToken) is not { } bytes)
        {
            return null;
        }

        T value = decode(bytes, bucket);
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
