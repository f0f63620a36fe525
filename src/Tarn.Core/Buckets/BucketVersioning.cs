using Tarn.Core.KeyValue;
using Tarn.Core.Model;

namespace Tarn.Core.Buckets;

/// <summary>The versioning state as a setting: a field of the bucket's own record, since every write needs it.</summary>
public sealed record BucketVersioning(VersioningState State)
{
    /// <summary>The setting; not set in a bucket that never had versioning.</summary>
    public static readonly StoredSetting<BucketVersioning> Stored = new Field();

    private sealed class Field : StoredSetting<BucketVersioning>
    {
        public override bool IsSet(Bucket bucket)
        {
            ArgumentNullException.ThrowIfNull(bucket);
            return bucket.Versioning != VersioningState.Never;
        }

        internal override ValueTask<BucketVersioning?> ReadAsync(IKeyValueReader store, Bucket bucket, CancellationToken cancellationToken) =>
            new(new BucketVersioning(bucket.Versioning));

        internal override BucketRecord Change(BucketRecord record, BucketVersioning? value, KeyValueBatch batch) =>
            record with { Versioning = value?.State ?? VersioningState.Never };
    }
}
