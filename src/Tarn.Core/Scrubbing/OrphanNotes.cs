using System.Runtime.CompilerServices;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>The rows that say since when blobs are set aside.</summary>
internal sealed class OrphanNotes(IKeyValueStore store, ScrubOptions options, TimeProvider clock)
{
    private const int Page = 256;

    /// <summary>For how long the store has been served in all, in milliseconds.</summary>
    public Func<CancellationToken, ValueTask<long>> Served { get; set; } = static _ => throw new InvalidOperationException("Nobody counts for how long the store is served.");

    /// <summary>Lists the notes behind one, in the order of the blobs' ids.</summary>
    public async IAsyncEnumerable<(BlobId Id, SetAsideRecord Note)> ListAsync(BlobId? after, int page, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] from = after is { } last ? [.. Tables.SetAsideKey(last.Value), 0] : [Tables.SetAside];
        await foreach (KeyValueEntry row in store.AllAsync(from, [Tables.SetAside + 1], Math.Min(page, Page), cancellationToken))
        {
            var id = new BlobId(Id128.Read(row.Key.AsSpan(1)));
            yield return (id, Decode(row.Key, row.Value) ?? await AddAsync(id, cancellationToken));
        }
    }

    /// <summary>Notes that a blob is set aside now.</summary>
    /// <exception cref="IOException">There is no room to note it.</exception>
    public async ValueTask<SetAsideRecord> AddAsync(BlobId id, CancellationToken cancellationToken) =>
        await PutAsync(id, new SetAsideRecord(clock.GetUtcNow().ToUnixTimeMilliseconds(), await Served(cancellationToken)), cancellationToken);

    public async ValueTask RemoveAsync(BlobId id, CancellationToken cancellationToken) =>
        await store.CommitAsync(new KeyValueBatch().AsRemoval().Delete(Tables.SetAsideKey(id.Value)), cancellationToken);

    /// <summary>
    /// Whether the retention of a blob is over: by the clock, and by the time for which the store was served since. A clock that is ahead cannot end it alone, nor can a count that
    /// was lost.
    /// </summary>
    public async ValueTask<bool> IsOverAsync(BlobId id, CancellationToken cancellationToken)
    {
        byte[] row = Tables.SetAsideKey(id.Value);
        if (await store.GetAsync(row, cancellationToken) is not { } value || Decode(row, value) is not { } note)
        {
            await AddAsync(id, cancellationToken);
            return false;
        }

        long served = await Served(cancellationToken);
        if (note.Served > served)
        {
            await PutAsync(id, note with { Served = served }, cancellationToken);
            return false;
        }

        return DateTimeOffset.FromUnixTimeMilliseconds(note.Since) + options.OrphanRetention <= clock.GetUtcNow()
            && TimeSpan.FromMilliseconds(served - note.Served) >= options.OrphanRetention;
    }

    /// <summary>Makes the notes those of the blobs that are there.</summary>
    /// <param name="found">The blobs.</param>
    /// <param name="isThere">Whether a blob that is not among them is there by now.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask ReconcileAsync<T>(IReadOnlyDictionary<BlobId, T> found, Func<BlobId, ValueTask<bool>> isThere, CancellationToken cancellationToken)
    {
        var noted = new HashSet<BlobId>();
        await foreach ((BlobId id, _) in ListAsync(after: null, Page, cancellationToken))
        {
            if (found.ContainsKey(id))
            {
                noted.Add(id);
            }
            else if (!await isThere(id))
            {
                await RemoveAsync(id, cancellationToken);
            }
        }

        foreach (BlobId id in found.Keys.Where(id => !noted.Contains(id)))
        {
            await AddAsync(id, cancellationToken);
        }
    }

    /// <summary>The note; null when it does not decode: the blob then counts as set aside now.</summary>
    private static SetAsideRecord? Decode(byte[] row, byte[] value)
    {
        try
        {
            return Rows.Decode(row, value, SetAsideRecord.Decode);
        }
        catch (RecordFormatException)
        {
            return null;
        }
    }

    private async ValueTask<SetAsideRecord> PutAsync(BlobId id, SetAsideRecord note, CancellationToken cancellationToken)
    {
        await store.CommitAsync(new KeyValueBatch().AsRemoval().Put(Tables.SetAsideKey(id.Value), note.Encode()), cancellationToken);
        return note;
    }
}
