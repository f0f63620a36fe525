using Tarn.Core.Buckets;
using Tarn.Core.Counts;

namespace Tarn.Server.Requests;

/// <summary>Knows how many buckets there are and which are the largest, so that a scrape need not look at all of them.</summary>
/// <param name="buckets">The buckets.</param>
/// <param name="counts">What they hold.</param>
/// <param name="limit">How many of the largest it knows.</param>
/// <param name="clock">The clock.</param>
internal sealed class BucketCensus(BucketCatalog buckets, BucketCountReader counts, int limit, TimeProvider clock)
{
    private const int Page = 500;

    /// <summary>The shortest pause between two counts.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private volatile Result? _last;

    /// <summary>How many buckets are shown.</summary>
    public int Limit => limit;

    /// <summary>The last count: how many buckets there were, and the largest of them by all that they hold, then by name; null before the first.</summary>
    public Result? Last => _last;

    /// <summary>Counts until cancelled, for at most a hundredth of the time.</summary>
    public async Task RunAsync(Action<Exception> failed, CancellationToken stopping)
    {
        while (true)
        {
            long began = clock.GetTimestamp();
            try
            {
                await CountAsync(failed, stopping);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
            }

            TimeSpan rest = 99 * clock.GetElapsedTime(began);
            await Task.Delay(rest > Pause ? rest : Pause, clock, stopping);
        }
    }

    /// <summary>Counts once. Buckets whose rows are damaged are reported and left out.</summary>
    internal async Task CountAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        // The smallest first: it is the next to go.
        var largest = new SortedSet<(long Bytes, Bucket Bucket)>(Comparer<(long Bytes, Bucket Bucket)>.Create(static (one, other) =>
            one.Bytes != other.Bytes ? one.Bytes.CompareTo(other.Bytes) : string.CompareOrdinal(other.Bucket.Name.Value, one.Bucket.Name.Value)));
        int total = 0;
        await foreach (IReadOnlyList<Bucket> page in buckets.ReadAllAsync(Page, failed, cancellationToken))
        {
            (BucketCounts[] held, _) = await counts.GetAsync([.. page.Select(static bucket => bucket.Id)], cancellationToken);
            for (int i = 0; i < page.Count; i++)
            {
                largest.Add((held[i].Bytes + held[i].NoncurrentBytes + held[i].UploadBytes, page[i]));
                if (largest.Count > limit)
                {
                    largest.Remove(largest.Min);
                }
            }

            total += page.Count;
        }

        _last = new Result(total, [.. largest.Reverse().Select(static entry => entry.Bucket)]);
    }

    /// <param name="Total">How many buckets there were.</param>
    /// <param name="Largest">The largest, the largest first.</param>
    internal sealed record Result(int Total, IReadOnlyList<Bucket> Largest);
}
