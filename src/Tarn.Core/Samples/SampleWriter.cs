using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Samples;

/// <summary>
/// Writes the samples of an hour for every bucket, and adds them to those of the day. A sample is written only while its bucket exists, and an hour that ended only once.
/// docs/design/samples.md
/// </summary>
internal sealed class SampleWriter(IKeyValueStore store, BucketCountReader counts, TimeProvider clock)
{
    private const int Page = 100;
    private const int Tries = 3;

    /// <summary>Writes the samples of an hour. If it is cancelled, the same walk can go on later.</summary>
    /// <param name="walk">What is written. The buckets that were reached are removed from its activity.</param>
    /// <param name="mayRest">Called after each page of buckets; says whether it may rest then.</param>
    /// <param name="failed">Receives what keeps single buckets from being sampled.</param>
    /// <param name="cancellationToken">Cancels the operation between buckets.</param>
    /// <exception cref="IOException">The store failed; the buckets that were not reached have no sample.</exception>
    public async Task WriteAsync(SampleWalk walk, Func<bool> mayRest, Action<Exception> failed, CancellationToken cancellationToken)
    {
        // What is begun is on record before there is a sample of it, and what is removed until there is none, so that no sample is forgotten.
        SampleState state = await ChangeAsync(state => state.With(walk.Hour, walk.Day), cancellationToken);
        SampleState excess = state.Excess;
        while (true)
        {
            long began = clock.GetTimestamp();
            IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(walk.Next, [Tables.Bucket + 1], Page, reverse: false, cancellationToken);
            if (rows.Count == 0)
            {
                break;
            }

            Bucket[] page = [.. rows.Select(row => Bucket.TryDecode(row, failed)).OfType<Bucket>()];
            await WriteAsync(page, walk, failed, cancellationToken);
            await RemoveAsync(page, excess, cancellationToken);
            walk.Next = [.. rows[^1].Key, 0];

            // Half of the time at most: nobody waits for samples.
            TimeSpan took = clock.GetElapsedTime(began);
            if (mayRest() && rows.Count == Page && took > TimeSpan.Zero)
            {
                await Task.Delay(took, clock, cancellationToken);
            }
        }

        if (!excess.IsEmpty)
        {
            await ChangeAsync(static state => state.WithoutExcess, cancellationToken);
        }
    }

    private async ValueTask<SampleState> ChangeAsync(Func<SampleState, SampleState> change, CancellationToken cancellationToken)
    {
        byte[] key = Tables.SampleStateKey;
        byte[]? stored = await store.GetAsync(key, cancellationToken);
        SampleState changed = change(stored is null ? new SampleState([], []) : Rows.Decode(key, stored, SampleState.Decode));
        byte[] row = changed.Encode();
        if (!row.AsSpan().SequenceEqual(stored))
        {
            await store.CommitAsync(new KeyValueBatch().Put(key, row), cancellationToken);
        }

        return changed;
    }

    private async ValueTask RemoveAsync(Bucket[] page, SampleState excess, CancellationToken cancellationToken)
    {
        if (page.Length == 0 || excess.IsEmpty)
        {
            return;
        }

        KeyValueBatch batch = new KeyValueBatch().AsRemoval();
        foreach (Bucket bucket in page)
        {
            foreach (uint hour in excess.Hours)
            {
                batch.Delete(Tables.SampleKey(Tables.HourSample, bucket.Id, hour));
            }

            foreach (uint day in excess.Days)
            {
                batch.Delete(Tables.SampleKey(Tables.DaySample, bucket.Id, day));
            }
        }

        await store.CommitAsync(batch, cancellationToken);
    }

    private async Task WriteAsync(Bucket[] page, SampleWalk walk, Action<Exception> failed, CancellationToken cancellationToken)
    {
        (BucketCounts[] held, bool isExact) = await counts.GetAsync([.. page.Select(static bucket => bucket.Id)], cancellationToken);
        Pending[] pending = [.. page.Select((bucket, i) => new Pending(bucket, new BucketSample
        {
            ObservedSeconds = walk.Observed,
            Held = held[i],
            IsExact = isExact,
            Activity = walk.Activity.GetValueOrDefault(bucket.Id),
        }))];
        bool areWritten = false;
        try
        {
            areWritten = await TryWriteAsync(pending, walk, cancellationToken);
        }
        catch (Exception e) when (e is StoreDamagedException or RecordFormatException)
        {
            // One of the rows is damaged: each bucket by itself.
        }

        foreach (Pending one in pending)
        {
            try
            {
                if (!areWritten)
                {
                    await WriteOneAsync(one, walk, cancellationToken);
                }
            }
            catch (Exception e) when (e is StoreDamagedException or RecordFormatException)
            {
                failed(e);
            }

            walk.Activity.Remove(one.Bucket.Id);
        }
    }

    /// <summary>Writes the sample of one bucket, which may change or be deleted meanwhile.</summary>
    private async Task WriteOneAsync(Pending pending, SampleWalk walk, CancellationToken cancellationToken)
    {
        byte[] row = Tables.BucketKey(pending.Bucket.Name.Value);
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            if (await store.GetAsync(row, cancellationToken) is not { } value
                || Bucket.Decode(new KeyValueEntry(row, value)) is not { } now || now.Id != pending.Bucket.Id
                || await TryWriteAsync([pending with { Bucket = now }], walk, cancellationToken))
            {
                return;
            }
        }
    }

    /// <returns>False when a bucket has changed or is gone; then nothing was written.</returns>
    private async ValueTask<bool> TryWriteAsync(Pending[] pending, SampleWalk walk, CancellationToken cancellationToken)
    {
        byte[][] rows = [.. pending.SelectMany(one => new[] { Tables.SampleKey(Tables.HourSample, one.Bucket.Id, walk.Hour), Tables.SampleKey(Tables.DaySample, one.Bucket.Id, walk.Day) })];
        byte[]?[] stored = await store.GetAsync(rows, cancellationToken);
        var batch = new KeyValueBatch();
        for (int i = 0; i < rows.Length; i += 2)
        {
            (Bucket bucket, BucketSample sample) = pending[i / 2];
            BucketSample? hour = Earlier(i), day = Earlier(i + 1);
            if (hour is not { IsOver: true })
            {
                // The samples themselves are not checked: nobody else writes them while their bucket exists.
                bucket.Guard(batch)
                    .Put(rows[i], (BucketSample.Merge(hour, sample, SampleStep.Hour.Seconds) with { IsOver = walk.IsOver }).Encode())
                    .Put(rows[i + 1], BucketSample.Merge(day, sample, SampleStep.Day.Seconds).Encode());
            }
        }

        return !batch.HasChanges || await store.CommitAsync(batch, cancellationToken);

        BucketSample? Earlier(int i) => stored[i] is { } value ? Rows.Decode(rows[i], value, BucketSample.Decode) : null;
    }

    private sealed record Pending(Bucket Bucket, BucketSample Sample);
}
