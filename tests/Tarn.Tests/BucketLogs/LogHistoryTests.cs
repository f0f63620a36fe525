using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Tarn.Core.Buckets;
using Tarn.Core.Logging;

namespace Tarn.Tests.BucketLogs;

/// <summary>
/// Random histories of requests, failures and crashes: every line that was on disk is delivered exactly once, a line that was counted as lost at most once, and what waits is bounded.
/// </summary>
public sealed class LogHistoryTests
{
    [Fact]
    public void Every_line_that_was_on_disk_is_delivered_once() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), static seed => RunAsync(seed).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        var logs = new LogFixture { Options = new LogOptions { SegmentBytes = 600, SpoolBytes = 3000, QueuedCharacters = 300, Patience = TimeSpan.FromDays(1000) } };
        logs.Start();
        Bucket[] targets = [await logs.BucketAsync("target0"), await logs.BucketAsync("target1")];
        Bucket[] sources =
        [
            await logs.LoggedAsync("source0", "target0"), await logs.LoggedAsync("source1", "target1", "p/", LogKeyFormat.ByEventTime),
            await logs.LoggedAsync("source2", "target0", "q/", LogKeyFormat.ByDeliveryTime),
        ];
        var onDisk = new HashSet<string>();
        var maybe = new HashSet<string>();
        var inMemory = new List<string>();
        int next = 0;
        for (int step = 0; step < 60; step++)
        {
            switch (random.Next(12))
            {
                case < 5:
                    string line = "line " + (next++).ToString(CultureInfo.InvariantCulture) + new string('.', random.Next(40));
                    long full = logs.Tally.Lost(LogLoss.Queue);
                    logs.Add(sources[random.Next(sources.Length)], line);
                    if (logs.Tally.Lost(LogLoss.Queue) == full)
                    {
                        inMemory.Add(line);
                    }

                    break;
                case 5 or 6 when logs.Collector.IsResting:
                    await logs.CollectAsync();
                    logs.Objects.Clock.Advance(TimeSpan.FromSeconds(random.Next(32)));
                    break;
                case 5 or 6:
                    long lost = logs.Tally.Lost(LogLoss.Spool);
                    await logs.CollectAsync();

                    // A batch that was lost in part is not told apart: none of it counts as on disk.
                    (logs.Tally.Lost(LogLoss.Spool) == lost ? onDisk : maybe).UnionWith(inMemory);
                    inMemory.Clear();
                    break;
                case 7:
                    logs.Objects.Clock.Advance(TimeSpan.FromMinutes(random.Next(1, 200)));
                    break;
                case 8:
                    await logs.Delivery.RunOnceAsync(TestContext.Current.CancellationToken);
                    break;
                case 9:
                    int failing = random.Next(4);
                    logs.Files.Before = random.Next(2) == 0 ? null : (call, _) =>
                    {
                        if (random.Next(4) == failing)
                        {
                            throw new IOException("broken");
                        }
                    };
                    break;
                case 10:
                    logs.Rows.AfterCommit = static _ => throw new IOException("not answered");
                    break;
                default:
                    // A crash: while nothing runs, or in the middle of a delivery.
                    if (random.Next(2) == 0)
                    {
                        int left = random.Next(6);
                        logs.Files.Before = (_, _) => Die(ref left);
                        logs.Files.After = (_, _) => Die(ref left);
                        try
                        {
                            if (random.Next(2) == 0)
                            {
                                // Whatever it had taken may be on disk or not.
                                maybe.UnionWith(inMemory);
                                inMemory.Clear();
                                await logs.CollectAsync();
                            }

                            await logs.Delivery.RunOnceAsync(TestContext.Current.CancellationToken);
                        }
                        catch (InvalidOperationException)
                        {
                            // Dead.
                        }
                    }

                    logs.Start(logs.Files.Crash(random));
                    maybe.UnionWith(inMemory);
                    inMemory.Clear();
                    break;
            }

            Assert.InRange(logs.Spool.Length, 0, 3000);
        }

        logs.Files.Before = null;
        logs.Rows.AfterCommit = null;
        logs.Objects.Clock.Advance(TimeSpan.FromMinutes(1));
        long before = logs.Tally.Lost(LogLoss.Spool);
        await logs.CollectAsync();
        (logs.Tally.Lost(LogLoss.Spool) == before ? onDisk : maybe).UnionWith(inMemory);
        for (int i = 0; i < 4; i++)
        {
            logs.Objects.Clock.Advance(TimeSpan.FromMinutes(10));
            await logs.CollectAsync();
            await logs.Delivery.RunOnceAsync(TestContext.Current.CancellationToken);
        }

        string[] delivered = [.. (await Task.WhenAll(targets.Select(logs.LinesAsync))).SelectMany(static lines => lines)];
        Assert.Distinct(delivered);
        Assert.Empty(onDisk.Except(delivered));
        Assert.Empty(delivered.Except(onDisk).Except(maybe));
        Assert.Empty(logs.Files.Names);
        Assert.Equal(0, logs.Tally.Lost(LogLoss.Target));
    }

    private static void Die(ref int left)
    {
        if (left-- <= 0)
        {
            throw new InvalidOperationException("crash");
        }
    }
}
