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

    /// <summary>Writes the samples of an hour; false when a later one, or the end of this one, was written before: the clock went back.</summary>
    /// <param name="hour">The hour.</param>
    /// <param name="isOver">Whether it has ended.</param>
    /// <param name="observed">For how many seconds requests were counted.</param>
    /// <param name="activity">What they did to each bucket. Buckets that exist are removed from it, so that those that do not are left.</param>
    /// <param name="failed">Receives what keeps single buckets from being sampled.</param>
    /// <param name="cancellationToken">Cancels the operation between buckets.</param>
    /// <exception cref="IOException">The store failed; the buckets that were not reached have no sample.</exception>
    public async Task<bool> WriteAsync(
        uint hour, bool isOver, long observed, Dictionary<ulong, BucketActivity> activity, Action<Exception> failed, CancellationToken cancellationToken)
    {
        byte[]? stored = await store.GetAsync(Tables.SampleStateKey, cancellationToken);
        SampleState? state = stored is null ? null : Rows.Decode(Tables.SampleStateKey, stored, SampleState.Decode);
        if (state is not null && (hour < state.Hour || (hour == state.Hour && state.IsOver)))
        {
            return false;
        }

        // First: a walk that is interrupted leaves gaps, and nothing counted twice.
        byte[] next = new SampleState(hour, isOver).Encode();
        if (!await store.CommitAsync(new KeyValueBatch().Check(Tables.SampleStateKey, stored).Put(Tables.SampleStateKey, next), cancellationToken))
        {
            return false;
        }

        uint day = SampleStep.Day.NumberOf(SampleStep.Hour.StartOf(hour));
        bool isNewDay = state is null || SampleStep.Day.NumberOf(SampleStep.Hour.StartOf(state.Hour)) != day;
        await foreach (Bucket[] page in PagesAsync(failed, cancellationToken))
        {
            long began = clock.GetTimestamp();
            if (isNewDay)
            {
                foreach (Bucket bucket in page)
                {
                    await SampleRemoval.ExpiredAsync(store, bucket.Id, SampleStep.Hour.StartOf(hour), cancellationToken);
                }
            }

            (BucketCounts[] held, bool isExact) = await counts.GetAsync([.. page.Select(static bucket => bucket.Id)], cancellationToken);
            Pending[] pending = [.. page.Select((bucket, i) =>
            {
                activity.Remove(bucket.Id, out BucketActivity done);
                return new Pending(bucket, new BucketSample { ObservedSeconds = observed, Held = held[i], IsExact = isExact, Activity = done });
            })];
            await WriteAsync(pending, hour, day, failed, cancellationToken);

            // Half of the time at most: nobody waits for samples.
            TimeSpan took = clock.GetElapsedTime(began);
            if (page.Length == Page && took > TimeSpan.Zero)
            {
                await Task.Delay(took, clock, cancellationToken);
            }
        }

        return true;
    }

    private async Task WriteAsync(Pending[] pending, uint hour, uint day, Action<Exception> failed, CancellationToken cancellationToken)
    {
        try
        {
            if (await TryWriteAsync(pending, hour, day, cancellationToken))
            {
                return;
            }
        }
        catch (Exception e) when (pending.Length > 1 && e is StoreDamagedException or RecordFormatException)
        {
            // One of the rows is damaged: each bucket by itself.
        }

        foreach (Pending one in pending)
        {
            try
            {
                await WriteOneAsync(one, hour, day, cancellationToken);
            }
            catch (Exception e) when (e is StoreDamagedException or RecordFormatException)
            {
                failed(e);
            }
        }
    }

    /// <summary>Writes the sample of one bucket, which may change or be deleted meanwhile.</summary>
    private async Task WriteOneAsync(Pending pending, uint hour, uint day, CancellationToken cancellationToken)
    {
        byte[] row = Tables.BucketKey(pending.Bucket.Name.Value);
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            if (await store.GetAsync(row, cancellationToken) is not { } value
                || Bucket.Decode(new KeyValueEntry(row, value)) is not { } now || now.Id != pending.Bucket.Id
                || await TryWriteAsync([pending with { Bucket = now }], hour, day, cancellationToken))
            {
                return;
            }
        }
    }

    private async ValueTask<bool> TryWriteAsync(Pending[] pending, uint hour, uint day, CancellationToken cancellationToken)
    {
        byte[][] rows = [.. pending.SelectMany(one => new[] { Tables.SampleKey(Tables.HourSample, one.Bucket.Id, hour), Tables.SampleKey(Tables.DaySample, one.Bucket.Id, day) })];
        byte[]?[] stored = await store.GetAsync(rows, cancellationToken);
        var batch = new KeyValueBatch();
        for (int i = 0; i < rows.Length; i++)
        {
            Pending one = pending[i / 2];
            SampleStep step = i % 2 == 0 ? SampleStep.Hour : SampleStep.Day;
            BucketSample? earlier = stored[i] is { } value ? Rows.Decode(rows[i], value, BucketSample.Decode) : null;
            one.Bucket.Guard(batch).Check(rows[i], stored[i]).Put(rows[i], BucketSample.Merge(earlier, one.Sample, step.Seconds).Encode());
        }

        return await store.CommitAsync(batch, cancellationToken);
    }

    private async IAsyncEnumerable<Bucket[]> PagesAsync(
        Action<Exception> failed, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] from = [Tables.Bucket];
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(from, [Tables.Bucket + 1], Page, reverse: false, cancellationToken);
            if (rows.Count == 0)
            {
                yield break;
            }

            Bucket[] page = [.. rows.Select(row => Decode(row, failed)).OfType<Bucket>()];
            if (page.Length > 0)
            {
                yield return page;
            }

            from = [.. rows[^1].Key, 0];
        }
    }

    private static Bucket? Decode(KeyValueEntry row, Action<Exception> failed)
    {
        try
        {
            return Bucket.Decode(row);
        }
        catch (RecordFormatException e)
        {
            failed(e);
            return null;
        }
    }

    private sealed record Pending(Bucket Bucket, BucketSample Sample);
}
