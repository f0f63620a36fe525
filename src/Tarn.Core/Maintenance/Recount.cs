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
    private const int Page = 1000;

    /// <summary>So many buckets are corrected in one commit.</summary>
    private const int Corrections = 256;

    private readonly IKeyValueStore _store;
    private readonly IRandomSource _random;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _pause;

    internal Recount(IKeyValueStore store, IRandomSource random, TimeProvider clock, TimeSpan pause)
    {
        _store = store;
        _random = random;
        _clock = clock;
        _pause = pause;
    }

    /// <summary>Counts if the counts are not exact, until they are.</summary>
    /// <returns>Whether anything was counted.</returns>
    /// <exception cref="IOException">The store failed; whatever was corrected is right.</exception>
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
            await new CountedRows(snapshot, ScanAsync, Add).RunAsync(cancellationToken);
            await foreach (KeyValueEntry row in ScanAsync(snapshot, [Tables.BucketCounts], cancellationToken))
            {
                Add(CountedRows.BucketOf(row.Key), -BucketCounts.Decode(row.Value));
            }
        }

        foreach (KeyValuePair<ulong, BucketCounts>[] page in wrong.Where(static bucket => bucket.Value != default).Chunk(Corrections))
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

    private async IAsyncEnumerable<KeyValueEntry> ScanAsync(
        IKeyValueReader reader, byte[] prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int rows = 0;
        await foreach (KeyValueEntry row in reader.AllAsync(prefix, KeyCodec.PrefixEnd(prefix), Page, cancellationToken))
        {
            yield return row;
            if (++rows % Page == 0 && _pause > TimeSpan.Zero)
            {
                // So that requests are not slowed down.
                await Task.Delay(_pause, _clock, cancellationToken);
            }
        }
    }
}
