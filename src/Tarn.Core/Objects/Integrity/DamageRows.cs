using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Integrity;

/// <summary>Reads the rows of the list of damage, and the names of the buckets in them.</summary>
internal sealed class DamageRows(IKeyValueStore store)
{
    private const int Page = 256;

    /// <summary>Names of buckets of which damage was met. An id never gets another name.</summary>
    private readonly ConcurrentDictionary<ulong, string> _names = new();

    /// <summary>All rows, or those after one: the data, the row's key, and the record, or why there is none.</summary>
    public async IAsyncEnumerable<(Id128 Data, byte[] Row, DamageRecord Record, RecordFormatException? Unreadable)> ListAsync(
        byte[]? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] from = after is null ? [Tables.Damage] : [.. after, 0];
        await foreach (KeyValueEntry row in store.AllAsync(from, [Tables.Damage + 1], Page, cancellationToken))
        {
            (DamageRecord record, RecordFormatException? unreadable) = Decode(row.Key, row.Value);
            yield return (Id128.Read(row.Key.AsSpan(1)), row.Key, record, unreadable);
        }
    }

    /// <summary>A bucket's name; null when there is none with that id.</summary>
    public async ValueTask<string?> NameAsync(ulong bucketId, CancellationToken cancellationToken)
    {
        if (_names.TryGetValue(bucketId, out string? name))
        {
            return name;
        }

        await foreach (KeyValueEntry row in store.AllAsync([Tables.Bucket], [Tables.Bucket + 1], Page, cancellationToken))
        {
            if (IdOf(row) == bucketId)
            {
                return _names[bucketId] = Encoding.UTF8.GetString(row.Key.AsSpan(1));
            }
        }

        return null;
    }

    /// <summary>The id of a bucket; null when its row cannot be read, which whoever uses that bucket is told.</summary>
    private static ulong? IdOf(KeyValueEntry bucket)
    {
        try
        {
            return Rows.Decode(bucket.Key, bucket.Value, BucketRecord.Decode).Id;
        }
        catch (RecordFormatException)
        {
            return null;
        }
    }

    /// <summary>The record; if it cannot be read, one that says that all the data is damaged.</summary>
    public static (DamageRecord Record, RecordFormatException? Unreadable) Decode(byte[] key, byte[] value)
    {
        try
        {
            return (Rows.Decode(key, value, DamageRecord.Decode), null);
        }
        catch (RecordFormatException e)
        {
            return (new DamageRecord { Kind = DamageKind.Checksum, BucketId = 0, Key = [], FirstSeen = 0, LastSeen = 0 }, e);
        }
    }
}
