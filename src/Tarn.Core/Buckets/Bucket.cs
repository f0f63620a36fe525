using System.Collections.Concurrent;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Buckets;

/// <summary>A bucket as one request sees it: immutable, and identified to the store by the exact bytes it was read from.</summary>
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

    /// <summary>The bucket of a row.</summary>
    /// <exception cref="RecordFormatException">The row is damaged.</exception>
    internal static Bucket Decode(KeyValueEntry row) => new(
        BucketName.FromStorage(System.Text.Encoding.UTF8.GetString(row.Key.AsSpan(1))), Rows.Decode(row.Key, row.Value, BucketRecord.Decode), row.Value);

    /// <summary>The bucket of a row; null when the row is damaged, which is reported.</summary>
    internal static Bucket? TryDecode(KeyValueEntry row, Action<Exception> damaged)
    {
        try
        {
            return Decode(row);
        }
        catch (RecordFormatException e)
        {
            damaged(e);
            return null;
        }
    }

    /// <summary>The bucket's name.</summary>
    public BucketName Name { get; }

    /// <inheritdoc/>
    public string OwnerId => Record.OwnerId;

    /// <inheritdoc/>
    public string OwnerName => Record.OwnerName;

    /// <summary>When the bucket was created, to the second.</summary>
    public DateTimeOffset Created => DateTimeOffset.FromUnixTimeMilliseconds(Record.Created);

    /// <inheritdoc/>
    public BucketCapabilities Capabilities => BucketCapabilities.All;

    string IBucket.Name => Name.Value;

    /// <summary>Whether the bucket keeps versions.</summary>
    public VersioningState Versioning => Record.Versioning;

    /// <summary>The decoded settings by their <see cref="StoredSetting{T}"/>, valid as long as the row is unchanged.</summary>
    internal ConcurrentDictionary<object, object> Decoded { get; } = new();

    /// <summary>
    /// What access control derives from the bucket's configurations; null until first needed. The catalog does not know its type and only
    /// caches it for as long as the row is unchanged.
    /// </summary>
    internal object? Access { get; set; }

    internal BucketRecord Record { get; }

    /// <summary>The bucket's id; a bucket created again under the same name has another.</summary>
    public ulong Id => Record.Id;

    /// <summary>Whether the bucket has this configuration.</summary>
    public bool Has(BucketConfiguration kind) => (Record.Configurations & (1UL << (int)kind)) != 0;

    /// <summary>Whether both were read from the same bytes: the bucket is unchanged in between.</summary>
    internal bool IsSameAs(Bucket other) => IsSameAs(other._bytes);

    internal bool IsSameAs(byte[] bytes) => _bytes.AsSpan().SequenceEqual(bytes);

    /// <summary>Makes the commit fail if the bucket changed, or its deletion began, since it was read.</summary>
    internal KeyValueBatch Guard(KeyValueBatch batch) => batch.Check(_row, _bytes);

    /// <summary>Returns the bucket with another record, and the batch that replaces this one with it; the batch may use the room reserved for removals.</summary>
    internal (KeyValueBatch Batch, Bucket Replaced) Replace(BucketRecord record)
    {
        byte[] bytes = record.Encode();
        KeyValueBatch batch = Guard(new KeyValueBatch()).Put(_row, bytes).AsRemoval();
        return (batch, new Bucket(Name, record, bytes));
    }
}
