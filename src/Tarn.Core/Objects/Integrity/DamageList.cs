using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Integrity;

/// <summary>
/// The objects and parts of which stored data was found damaged. The rows say which, for the operator; in memory are only the ids of the data, so that
/// requests that read no data find out whether they may promise it. Empty while all is well, which costs them one read of a field.
/// </summary>
public sealed class DamageList
{
    /// <summary>Damage that is met again sooner than this is not written again.</summary>
    private static readonly TimeSpan Repeat = TimeSpan.FromHours(1);

    /// <summary>How long a request waits until damage is recorded. It is remembered in any case.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IKeyValueStore _store;
    private readonly DamageRows _rows;
    private readonly DamageHolders _holders;
    private readonly TimeProvider _clock;
    private readonly Action<DamagedObject, string, Exception?>? _noticed;
    private readonly ConcurrentDictionary<Id128, KnownDamage> _damaged = new();
    private readonly Lock _turn = new();
    private Task _last = Task.CompletedTask;
    private volatile bool _isLoaded;
    private volatile int _count;
    private long _met;

    /// <param name="store">Holds the rows.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="noticed">Is told of damage that is new, or was last met a while ago, with what is wrong; and why it could not be recorded, if so.</param>
    internal DamageList(IKeyValueStore store, TimeProvider clock, Action<DamagedObject, string, Exception?>? noticed)
    {
        _store = store;
        _rows = new DamageRows(store);
        _holders = new DamageHolders(store);
        _clock = clock;
        _noticed = noticed;
    }

    /// <summary>How many blobs, rows and manifests are damaged, as far as is known; 0 until the list was first needed.</summary>
    public int Count => _count;

    /// <summary>How often damage was met. Who reads data that is right only as a whole notes it before the first byte, for <see cref="VerifiedAsync(Id128, long, long, long)"/>.</summary>
    internal long Met => Interlocked.Read(ref _met);

    /// <summary>Whether no data is known to be damaged.</summary>
    internal bool IsKnownEmpty => _isLoaded && _count == 0;

    /// <summary>Reads the rows, once. Of a row that cannot be read, all the data is taken for damaged.</summary>
    public ValueTask LoadAsync(CancellationToken cancellationToken) => _isLoaded ? default : new(InTurnAsync(async () =>
    {
        if (_isLoaded)
        {
            return;
        }

        await foreach ((Id128 data, _, DamageRecord record, RecordFormatException? unreadable) in _rows.ListAsync(after: null, cancellationToken))
        {
            Remember(data, KnownDamage.Of(record.Kind, new DamageRange(record.Offset, record.Length)));
            if (unreadable is not null)
            {
                _noticed?.Invoke(DamagedObject.From(data, null, record), $"The row of the data {data} on the list of damage cannot be read: {unreadable.Message}", null);
            }
        }

        _isLoaded = true;
    }));

    /// <summary>
    /// Lists damaged objects and parts, and forgets those that no longer have the data, unless others share it. A row that cannot be read is listed
    /// without bucket and key.
    /// </summary>
    public async IAsyncEnumerable<DamagedObject> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach ((_, DamagedObject damaged) in ListAsync(after: null, cancellationToken))
        {
            yield return damaged;
        }
    }

    /// <summary>Lists the same after a place in the list, each with its own place, from which a later call can continue.</summary>
    public async IAsyncEnumerable<(byte[] Place, DamagedObject Object)> ListAsync(byte[]? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach ((Id128 data, byte[] row, DamageRecord record, RecordFormatException? unreadable) in _rows.ListAsync(after is null ? null : [Tables.Damage, .. after], cancellationToken))
        {
            if (unreadable is not null)
            {
                yield return (row[1..], DamagedObject.From(data, null, record));
                continue;
            }

            bool isGone = !await _holders.IsHeldAsync(row[Tables.DamagePrefixLength..], record, data, cancellationToken);
            if (isGone && !await _holders.IsSharedAsync(record, data, cancellationToken))
            {
                await InTurnAsync(() => RemoveAsync(new KeyValueBatch().AsRemoval().Delete(row), data, cancellationToken));
                continue;
            }

            yield return (row[1..], DamagedObject.From(data, await _rows.NameAsync(record.BucketId, cancellationToken), record) with { IsGone = isGone });
        }
    }

    /// <summary>Takes a piece of data off the list: it was repaired, or an operator decided so.</summary>
    public async ValueTask DropAsync(Id128 data, CancellationToken cancellationToken) => await InTurnAsync(() => RemoveAllAsync(data, cancellationToken));

    /// <summary>Whether a run of bytes of a piece of data is known to be damaged. The list must have been loaded.</summary>
    internal bool Contains(Id128 data, long offset, long length) => Find(data) is { } known && known.Range.Overlaps(offset, length);

    /// <summary>What is known of the damage of a piece of data; null when it is not on the list. The list must have been loaded.</summary>
    internal KnownDamage? Find(Id128 data) => _damaged.TryGetValue(data, out KnownDamage known) ? known : null;

    /// <summary>The exception with which a request fails that needs data on the list.</summary>
    internal DamagedDataException Known(Id128 data)
    {
        DamageRange range = Find(data)?.Range ?? new DamageRange(0, long.MaxValue);
        return new DamagedDataException(DamageKind.Known, data, $"The data {data} was found damaged before.") { Offset = range.Offset, Length = range.Length };
    }

    /// <summary>Adds damage to the list. If it cannot be recorded it is still remembered until the process ends.</summary>
    internal async ValueTask AddAsync(DataHolder holder, DamagedDataException found)
    {
        Remember(found);
        try
        {
            await RecordAsync(holder, found).WaitAsync(Patience, _clock);
        }
        catch (TimeoutException)
        {
            // The store is slow. The row is written when it can be, and the request need not wait for that.
        }
    }

    /// <summary>Notes that bytes were read and are right: when that is all that was damaged, the data leaves the list.</summary>
    /// <param name="data">The blob.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="end">The byte after the last; <see cref="long.MaxValue"/>: the end.</param>
    internal ValueTask VerifiedAsync(Id128 data, long start, long end) => VerifiedAsync(data, start, end, long.MaxValue);

    /// <summary>The same of bytes of which the first may have been read long before they were known to be right: damage that was met meanwhile stays.</summary>
    /// <param name="data">The blob; of an object of parts, perhaps the manifest, of which the bytes are those of the object.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="end">The byte after the last; <see cref="long.MaxValue"/>: the end.</param>
    /// <param name="before"><see cref="Met"/> before the first byte was read.</param>
    internal async ValueTask VerifiedAsync(Id128 data, long start, long end, long before)
    {
        if (_count != 0 && Find(data) is { } known && known.Met <= before && start <= known.Progress && end > known.Progress)
        {
            KnownDamage further = known with { Progress = end };
            if (_damaged.TryUpdate(data, further, known) && end >= known.Range.End)
            {
                await DropIfAsync(data, further);
            }
        }
    }

    /// <summary>Takes a piece of data off the list unless more is known of its damage by now than when it was found to be right.</summary>
    internal async ValueTask DropIfAsync(Id128 data, KnownDamage known)
    {
        try
        {
            await InTurnAsync(() => Find(data) == known ? RemoveAllAsync(data, CancellationToken.None) : Task.CompletedTask);
        }
        catch (Exception e) when (e is IOException or StoreFailedException)
        {
            // The data is right, so who found that goes on. It stays on the list, and is taken off by the next who finds it.
        }
    }

    /// <summary>Whether a holder was changed or removed since it was looked up.</summary>
    internal async ValueTask<bool> IsReplacedAsync(DataHolder holder) =>
        await _store.GetAsync(holder.Row, CancellationToken.None) is not { } now || !holder.IsSame(now);

    private async Task RecordAsync(DataHolder holder, DamagedDataException found)
    {
        long now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        var record = DamageRecord.Of(holder, found, now);
        string? bucket = null;
        Exception? failure = null;
        try
        {
            bool isNew = true;
            await InTurnAsync(async () => (record, isNew) = await WriteAsync(holder.Place, record, found));
            if (!isNew)
            {
                return;
            }

            bucket = await _rows.NameAsync(record.BucketId, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or StoreFailedException)
        {
            failure = e;
        }

        _noticed?.Invoke(DamagedObject.From(found.DataId, bucket, record), found.Message, failure);
    }

    /// <summary>Writes a row, with what is known of the same damage; not if that was written lately and is the same.</summary>
    private async Task<(DamageRecord Record, bool IsNew)> WriteAsync(byte[] place, DamageRecord record, DamagedDataException found)
    {
        // Again, since whoever took the data off the list in the meantime did not know of this.
        Remember(found);
        byte[] row = Tables.DamageKey(found.DataId, place);
        if (await _store.GetAsync(row, CancellationToken.None) is { } bytes && DamageRows.Decode(row, bytes) is { Unreadable: null, Record: var known })
        {
            var before = new DamageRange(known.Offset, known.Length);
            DamageRange after = before.With(new DamageRange(record.Offset, record.Length));
            bool isRead = KnownDamage.Of(known.Kind, before).NeedsRead && !KnownDamage.Of(record.Kind, after).NeedsRead;
            DamageKind kind = isRead ? known.Kind : record.Kind;
            if (after == before && known.Kind == kind && record.LastSeen - known.LastSeen < Repeat.TotalMilliseconds)
            {
                return (known, false);
            }

            record = record with { Kind = kind, FirstSeen = known.FirstSeen, Offset = after.Offset, Length = after.Length };
        }

        await _store.CommitAsync(new KeyValueBatch().Put(row, record.Encode()), CancellationToken.None);
        return (record, true);
    }

    private void Remember(DamagedDataException found) =>
        Remember(found.DataId, KnownDamage.Of(found.Kind, new DamageRange(found.Offset, found.Length)));

    private void Remember(Id128 data, KnownDamage damage)
    {
        damage = damage with { Met = Interlocked.Increment(ref _met) };
        _damaged.AddOrUpdate(data, static (_, added) => added, static (_, known, added) => known.With(added), damage);
        _count = _damaged.Count;
    }

    private async Task RemoveAllAsync(Id128 data, CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.DamagePrefix(data);
        KeyValueBatch batch = new KeyValueBatch().AsRemoval();
        foreach (KeyValueEntry row in await _store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), int.MaxValue, reverse: false, cancellationToken))
        {
            batch.Delete(row.Key);
        }

        await RemoveAsync(batch, data, cancellationToken);
    }

    private async Task RemoveAsync(KeyValueBatch batch, Id128 data, CancellationToken cancellationToken)
    {
        await _store.CommitAsync(batch, cancellationToken);
        byte[] prefix = Tables.DamagePrefix(data);
        if ((await _store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), 1, reverse: false, cancellationToken)).Count == 0)
        {
            _damaged.TryRemove(data, out _);
            _count = _damaged.Count;
        }
    }

    /// <summary>Runs one change of the rows after the other, and none while the lock is held.</summary>
    private Task InTurnAsync(Func<Task> change)
    {
        lock (_turn)
        {
            return _last = AfterAsync(_last, change);
        }

        static async Task AfterAsync(Task before, Func<Task> change)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            await change();
        }
    }
}
