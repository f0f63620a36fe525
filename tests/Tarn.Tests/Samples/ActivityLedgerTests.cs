using Tarn.Core.Samples;

namespace Tarn.Tests.Samples;

/// <summary>What is counted of requests to buckets.</summary>
public sealed class ActivityLedgerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_ledger_counts_no_more_buckets_than_it_may_hold()
    {
        var ledger = new ActivityLedger(2);
        for (ulong bucket = 1; bucket <= 3; bucket++)
        {
            ledger.Add(bucket, BucketActivity.Of(200, 1, 0));
            ledger.Add(bucket, BucketActivity.Of(200, 1, 0));
        }

        Assert.Equal([2L, 2L, 0L], new ulong[] { 1, 2, 3 }.Select(bucket => ledger.Total(bucket).Requests));
        Assert.Equal(2, ledger.Uncounted);
        ledger.Forget(1);
        ledger.Add(3, BucketActivity.Of(200, 1, 0));
        Assert.Equal(1, ledger.Total(3).Requests);
    }

    [Fact]
    public async Task What_many_threads_add_is_taken_once()
    {
        var ledger = new ActivityLedger();
        using var done = new CancellationTokenSource();
        Task<long> taker = Task.Run(
            () =>
            {
                long sum = 0;
                while (!done.IsCancellationRequested)
                {
                    sum += ledger.Take().Values.Sum(static activity => activity.Requests);
                }

                return sum;
            },
            Token);
        Parallel.For(0, 8, thread =>
        {
            for (int i = 0; i < 5000; i++)
            {
                ledger.Add((ulong)(i % 7), BucketActivity.Of(200, 1, 1));
            }
        });
        await done.CancelAsync();
        long taken = await taker + ledger.Take().Values.Sum(static activity => activity.Requests);
        Assert.Equal(40_000, taken);
    }
}
