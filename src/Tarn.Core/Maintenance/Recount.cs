using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Maintenance;

/// <summary>
/// Counts what all buckets hold by reading every row, while requests go on, where the counts are not exact: a build that did not count wrote the store, or an operator had
/// something removed of which the size is not known.
/// </summary>
/// <remarks>
/// Changes add to the counts all along. A snapshot shows the rows and the counts of one instant, so their difference is by how much the counts are wrong, then and
/// ever after, and is added to them like any change. The row of <see cref="RecountRecord"/> names the run; corrections of a run that was replaced, in another process,
/// or by a demand to count again, do not commit. docs/design/counts.md
/// </remarks>
public sealed class Recount
{
    /// <summary>Rows read at once, and buckets corrected in one commit.</summary>
    private const int Page = 256;

    private readonly IKeyValueStore _store;
    private readonly IRandomSource _random;
    private readonly TimeProvider _clock;
    private readonly bool _isPaced;

    internal Recount(IKeyValueStore store, IRandomSource random, TimeProvider clock, bool isPaced)
    {
        _store = store;
        _random = random;
        _clock = clock;
        _isPaced = isPaced;
    }

    /// <summary>Has everything counted anew, at the next run.</summary>
    /// <exception cref="IOException">The store failed.</exception>
    public async ValueTask DemandAsync(CancellationToken cancellationToken) => await _store.CommitAsync(RecountRecord.Demand(new KeyValueBatch().AsRemoval()), cancellationToken);

    /// <summary>Counts if the counts are not exact, until they are.</summary>
    /// <returns>Whether anything was counted.</returns>
    /// <exception cref="IOException">The store failed; whatever was corrected is right.</exception>
    /// <exception cref="RecordFormatException">A newer build wrote a row, or that of a bucket does not decode.</exception>
    public async ValueTask<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        bool counted = false;
        while (await BeginAsync(cancellationToken) is { } run)
        {
            counted |= await RunAsync(run, cancellationToken);
        }

        return counted;
    }

    /// <summary>Replaces whichever run is under way; null when the counts are exact.</summary>
    private async ValueTask<RecountRecord?> BeginAsync(CancellationToken cancellationToken)
    {
        var run = new RecountRecord(Id128.Create(_random), IsDone: false);
        byte[]? present;
        do
        {
            present = await _store.GetAsync(Tables.RecountKey, cancellationToken);
            if (present is not null && Rows.Decode(Tables.RecountKey, present, RecountRecord.Decode).IsDone)
            {
                return null;
            }
        }
        while (!await _store.CommitAsync(new KeyValueBatch().Check(Tables.RecountKey, present).Put(Tables.RecountKey, run.Encode()), cancellationToken));
        return run;
    }

    /// <returns>False when another run replaced this one.</returns>
    private async ValueTask<bool> RunAsync(RecountRecord run, CancellationToken cancellationToken)
    {
        byte[] begun = run.Encode();
        var wrong = new Dictionary<ulong, BucketCounts>();
        await using (IKeyValueSnapshot snapshot = await _store.OpenSnapshotAsync(cancellationToken))
        {
            await new CountedRows((prefix, cancellation) => ScanAsync(snapshot, prefix, cancellation), Add).RunAsync(cancellationToken);
            if (!await SubtractAsync(snapshot, wrong, cancellationToken))
            {
                return await IsReplacedAsync(begun, cancellationToken) ? false : throw new StoreDamagedException("The counts of buckets are damaged, and could not be begun anew.");
            }
        }

        foreach (KeyValuePair<ulong, BucketCounts>[] page in wrong.Where(static bucket => bucket.Value != default).Chunk(Page))
        {
            KeyValueBatch batch = new KeyValueBatch().Check(Tables.RecountKey, begun);
            foreach ((ulong bucket, BucketCounts correction) in page)
            {
                correction.AddTo(batch, bucket);
            }

            if (!await _store.CommitAsync(batch, cancellationToken))
            {
                return false;
            }
        }

        byte[] done = (run with { IsDone = true }).Encode();
        return await _store.CommitAsync(new KeyValueBatch().Check(Tables.RecountKey, begun).Put(Tables.RecountKey, done), cancellationToken);

        void Add(ulong bucket, BucketCounts counts) => wrong[bucket] = wrong.GetValueOrDefault(bucket) + counts;
    }

    /// <summary>Subtracts what is counted from what was found, for all buckets there are and were found.</summary>
    /// <returns>False when counts are damaged; they begin anew, which also has everything counted anew.</returns>
    private async ValueTask<bool> SubtractAsync(IKeyValueSnapshot snapshot, Dictionary<ulong, BucketCounts> found, CancellationToken cancellationToken)
    {
        await foreach (KeyValueEntry row in ScanAsync(snapshot, [Tables.Bucket], cancellationToken))
        {
            found.TryAdd(Rows.Decode(row.Key, row.Value, BucketRecord.Decode).Id, default);
        }

        foreach (ulong[] page in found.Keys.ToArray().Chunk(Page))
        {
            BucketCounts?[] counted = await BucketCountReader.ReadAsync(snapshot, page, cancellationToken);
            for (int i = 0; i < page.Length; i++)
            {
                if (counted[i] is not { } counts)
                {
                    await _store.CommitAsync(new KeyValueBatch().Add(Tables.BucketCountsKey(page[i]), 0), cancellationToken);
                    return false;
                }

                found[page[i]] -= counts;
            }
        }

        return true;
    }

    private async ValueTask<bool> IsReplacedAsync(byte[] run, CancellationToken cancellationToken) =>
        !ByteStringComparer.Instance.Equals(await _store.GetAsync(Tables.RecountKey, cancellationToken), run);

    /// <summary>Reads all rows with a prefix, and between two pages waits as long as the first took, so that requests are not slowed down much.</summary>
    private async IAsyncEnumerable<KeyValueEntry> ScanAsync(
        IKeyValueReader reader, byte[] prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int rows = 0;
        long began = _clock.GetTimestamp();
        await foreach (KeyValueEntry row in reader.AllAsync(prefix, KeyCodec.PrefixEnd(prefix), Page, cancellationToken))
        {
            yield return row;
            if (++rows % Page == 0 && _isPaced)
            {
                await Task.Delay(_clock.GetElapsedTime(began), _clock, cancellationToken);
                began = _clock.GetTimestamp();
            }
        }
    }
}
