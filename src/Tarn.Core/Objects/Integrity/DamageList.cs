using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Integrity;

/// <summary>
/// The objects and parts of which stored data was found damaged. The rows say which, for the operator; in memory are only the ids of the data, so that
/// requests that read no data find out whether they may promise it. Empty while all is well, which costs them one read of a field.
/// </summary>
public sealed class DamageList
{
    private const int Page = 256;

    /// <summary>Damage that is met again sooner than this is not written again.</summary>
    private static readonly TimeSpan Repeat = TimeSpan.FromHours(1);

    private readonly IKeyValueStore _store;
    private readonly TimeProvider _clock;
    private readonly Action<DamagedObject, string, Exception?>? _noticed;
    private readonly ConcurrentDictionary<Id128, DamageRange> _damaged = new();
    private readonly Lock _turn = new();
    private Task _last = Task.CompletedTask;
    private volatile bool _isLoaded;
    private volatile int _count;

    /// <param name="store">Holds the rows.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="noticed">Is told of damage that is new, or was last met a while ago, with what is wrong; and why it could not be recorded, if so.</param>
    internal DamageList(IKeyValueStore store, TimeProvider clock, Action<DamagedObject, string, Exception?>? noticed)
    {
        _store = store;
        _clock = clock;
        _noticed = noticed;
    }

    /// <summary>How many blobs, rows and manifests are damaged, as far as is known; 0 until the list was first needed.</summary>
    public int Count => _count;

    /// <summary>Whether no data is known to be damaged.</summary>
    internal bool IsKnownEmpty => _isLoaded && _count == 0;

    /// <summary>Reads the rows, once.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        if (_isLoaded)
        {
            return;
        }

        await foreach ((Id128 data, _, DamageRecord record) in RowsAsync(cancellationToken))
        {
            Remember(data, new DamageRange(record.Offset, record.Length));
        }

        _isLoaded = true;
    }

    /// <summary>Lists damaged objects and parts, and forgets those that no longer have the data.</summary>
    public async IAsyncEnumerable<DamagedObject> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Dictionary<ulong, string>? names = null;
        await foreach ((Id128 data, byte[] row, DamageRecord record) in RowsAsync(cancellationToken))
        {
            if (await IsHeldAsync(row[Tables.DamagePrefixLength..], record, data, cancellationToken))
            {
                names ??= await BucketNamesAsync(cancellationToken);
                yield return DamagedObject.From(data, names.GetValueOrDefault(record.BucketId), record);
            }
            else
            {
                await RemoveAsync(new KeyValueBatch().AsRemoval().Delete(row), data, cancellationToken);
            }
        }
    }

    /// <summary>Takes a piece of data off the list: it was repaired, or an operator decided so.</summary>
    public async ValueTask DropAsync(Id128 data, CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.DamagePrefix(data);
        KeyValueBatch batch = new KeyValueBatch().AsRemoval();
        foreach (KeyValueEntry row in await _store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), int.MaxValue, reverse: false, cancellationToken))
        {
            batch.Delete(row.Key);
        }

        await RemoveAsync(batch, data, cancellationToken);
    }

    /// <summary>Whether a run of bytes of a piece of data is known to be damaged. The list must have been loaded.</summary>
    internal bool Contains(Id128 data, long offset, long length) => _damaged.TryGetValue(data, out DamageRange range) && range.Overlaps(offset, length);

    /// <summary>The exception with which a request fails that needs data on the list.</summary>
    internal DamagedDataException Known(Id128 data)
    {
        DamageRange range = _damaged.GetValueOrDefault(data);
        return new DamagedDataException(DamageKind.Known, data, $"The data {data} was found damaged before.") { Offset = range.Offset, Length = range.Length };
    }

    /// <summary>Adds damage to the list. If it cannot be recorded it is still remembered until the process ends.</summary>
    internal async ValueTask AddAsync(DataHolder holder, DamagedDataException found)
    {
        Remember(found.DataId, new DamageRange(found.Offset, found.Length));
        await InTurnAsync(() => RecordAsync(holder, found));
    }

    /// <summary>Whether a holder was changed or removed since it was looked up.</summary>
    internal async ValueTask<bool> IsReplacedAsync(DataHolder holder) =>
        await _store.GetAsync(holder.Row, CancellationToken.None) is not { } now || !holder.IsSame(now);

    private async Task RecordAsync(DataHolder holder, DamagedDataException found)
    {
        long now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        var record = new DamageRecord
        {
            Kind = found.Kind, BucketId = holder.BucketId, Key = holder.Key.Utf8, Version = holder.Version, Upload = holder.Upload,
            PartNumber = holder.PartNumber, Offset = found.Offset, Length = found.Length, FirstSeen = now, LastSeen = now,
        };
        byte[] row = Tables.DamageKey(found.DataId, holder.Place);
        string? bucket = null;
        Exception? failure = null;
        try
        {
            if (await _store.GetAsync(row, CancellationToken.None) is { } bytes)
            {
                DamageRecord known = Rows.Decode(row, bytes, DamageRecord.Decode);
                var before = new DamageRange(known.Offset, known.Length);
                DamageRange after = before.With(new DamageRange(found.Offset, found.Length));
                if (after == before && known.Kind == found.Kind && now - known.LastSeen < Repeat.TotalMilliseconds)
                {
                    return;
                }

                record = record with { FirstSeen = known.FirstSeen, Offset = after.Offset, Length = after.Length };
            }

            await _store.CommitAsync(new KeyValueBatch().Put(row, record.Encode()), CancellationToken.None);
            bucket = (await BucketNamesAsync(CancellationToken.None)).GetValueOrDefault(record.BucketId);
        }
        catch (Exception e) when (e is IOException or StoreFailedException)
        {
            failure = e;
        }

        _noticed?.Invoke(DamagedObject.From(found.DataId, bucket, record), found.Message, failure);
    }

    private void Remember(Id128 data, DamageRange range)
    {
        _damaged.AddOrUpdate(data, static (_, added) => added, static (_, known, added) => known.With(added), range);
        _count = _damaged.Count;
    }

    private Task RemoveAsync(KeyValueBatch batch, Id128 data, CancellationToken cancellationToken) => InTurnAsync(async () =>
    {
        await _store.CommitAsync(batch, cancellationToken);
        byte[] prefix = Tables.DamagePrefix(data);
        if ((await _store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), 1, reverse: false, cancellationToken)).Count == 0)
        {
            _damaged.TryRemove(data, out _);
            _count = _damaged.Count;
        }
    });

    /// <summary>Runs one change of the rows after the other.</summary>
    private Task InTurnAsync(Func<Task> change)
    {
        lock (_turn)
        {
            return _last = AfterAsync(_last, change);
        }

        static async Task AfterAsync(Task before, Func<Task> change)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await change();
        }
    }

    /// <summary>Whether a holder is still there, as the newest version or an older one, and still has the data.</summary>
    private async ValueTask<bool> IsHeldAsync(byte[] place, DamageRecord record, Id128 data, CancellationToken cancellationToken)
    {
        if (place[0] == Tables.Part)
        {
            return await _store.GetAsync(place, cancellationToken) is { } part && Any(Rows.Decode(place, part, PartRecord.Decode).Extents, data);
        }

        byte[][] rows = [Tables.CurrentKey(record.BucketId, record.Key), place];
        byte[]?[] values = await _store.GetAsync(rows, cancellationToken);
        for (int i = 0; i < rows.Length; i++)
        {
            ObjectRecord? version = values[i] is { } value ? Rows.Decode(rows[i], value, ObjectRecord.Decode) : null;
            if (version is not null && Tables.HistoryKey(record.BucketId, record.Key, version.EffectiveOrder).AsSpan().SequenceEqual(place))
            {
                return version.Data switch
                {
                    ObjectData.Inline inline => inline.Row == data,
                    ObjectData.Extents extents => Any(extents.List, data),
                    ObjectData.Manifest manifest =>
                        manifest.Id == data || (await PartsAsync(manifest, cancellationToken)).Any(part => Any(part.Extents, data)),
                    _ => false,
                };
            }
        }

        return false;
    }

    private static bool Any(IReadOnlyList<Extent> extents, Id128 data) => extents.Any(extent => extent.Blob.Value == data);

    private async ValueTask<List<PartRecord>> PartsAsync(ObjectData.Manifest manifest, CancellationToken cancellationToken)
    {
        var parts = new List<PartRecord>();
        byte[][] rows = [.. Enumerable.Range(0, manifest.ChunkStarts.Count).Select(chunk => Tables.ManifestKey(manifest.Id, chunk))];
        byte[]?[] values = await _store.GetAsync(rows, cancellationToken);
        for (int i = 0; i < rows.Length; i++)
        {
            parts.AddRange(values[i] is { } value ? Rows.Decode(rows[i], value, ManifestChunk.Decode) : []);
        }

        return parts;
    }

    /// <summary>The names of all buckets by their ids; only damage needs to know a bucket by its id.</summary>
    private async ValueTask<Dictionary<ulong, string>> BucketNamesAsync(CancellationToken cancellationToken)
    {
        var names = new Dictionary<ulong, string>();
        foreach (KeyValueEntry row in await _store.ScanAsync([Tables.Bucket], [Tables.Bucket + 1], int.MaxValue, reverse: false, cancellationToken))
        {
            names[Rows.Decode(row.Key, row.Value, BucketRecord.Decode).Id] = Encoding.UTF8.GetString(row.Key.AsSpan(1));
        }

        return names;
    }

    private async IAsyncEnumerable<(Id128 Data, byte[] Row, DamageRecord Record)> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] from = [Tables.Damage];
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await _store.ScanAsync(from, [Tables.Damage + 1], Page, reverse: false, cancellationToken);
            foreach (KeyValueEntry row in rows)
            {
                yield return (Id128.Read(row.Key.AsSpan(1)), row.Key, Rows.Decode(row.Key, row.Value, DamageRecord.Decode));
            }

            if (rows.Count < Page)
            {
                yield break;
            }

            from = [.. rows[^1].Key, 0];
        }
    }
}
