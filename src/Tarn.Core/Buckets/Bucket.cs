using System.Collections.Concurrent;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Buckets;

/// <summary>A bucket as one request sees it: immutable, and known to the store by the exact bytes it was read from.</summary>
public sealed class Bucket : IBucket
{
    private readonly byte[] _row;
    private readonly byte[] _bytes;

    internal Bucket(BucketName name, BucketRecord record, byte[] bytes)
    {
        Name = name;
        Record = record;
        _row = Tables.BucketKey(name.Value);
        _bytes = bytes;
    }

    public BucketName Name { get; }

    public string OwnerId => Record.OwnerId;

    public string OwnerName => Record.OwnerName;

    public DateTimeOffset Created => DateTimeOffset.FromUnixTimeMilliseconds(Record.Created);

    public BucketCapabilities Capabilities => BucketCapabilities.All;

    string IBucket.Name => Name.Value;

    public VersioningState Versioning => Record.Versioning;

    /// <summary>The bucket's settings that were decoded, by their <see cref="StoredSetting{T}"/>: valid as long as the row is the same.</summary>
    internal ConcurrentDictionary<object, object> Decoded { get; } = new();

    /// <summary>
    /// What access control makes of the configurations together; null until it is asked for. The catalogue does not know its type: it only
    /// keeps it for as long as the row is the same.
    /// </summary>
    internal object? Access { get; set; }

    internal BucketRecord Record { get; }

    /// <summary>Which bucket it is: one that is made anew under its name has another.</summary>
    public ulong Id => Record.Id;

    /// <summary>Whether the bucket has this configuration.</summary>
    public bool Has(BucketConfiguration kind) => (Record.Configurations & (1UL << (int)kind)) != 0;

    /// <summary>Whether both were read from the same bytes: nothing of the bucket changed in between.</summary>
    internal bool IsSameAs(Bucket other) => IsSameAs(other._bytes);

    internal bool IsSameAs(byte[] bytes) => _bytes.AsSpan().SequenceEqual(bytes);

    /// <summary>Makes the commit fail when the bucket changed, or is being deleted, since it was read.</summary>
    internal KeyValueBatch Guard(KeyValueBatch batch) => batch.Check(_row, _bytes);

    /// <summary>The bucket with another record, and the batch that puts it in place of this one; it may use the room kept for removals.</summary>
    internal (KeyValueBatch Batch, Bucket Replaced) Replace(BucketRecord record)
    {
        byte[] bytes = record.Encode();
        KeyValueBatch batch = Guard(new KeyValueBatch()).Put(_row, bytes).AsRemoval();
        return (batch, new Bucket(Name, record, bytes));
    }
}
