using Tarn.Core.Logging;

namespace Tarn.Tests.BucketLogs;

public sealed class LoggedLinesTests
{
    [Fact]
    public void Lines_are_taken_in_order_and_what_does_not_fit_is_counted()
    {
        var tally = new LogTally();
        var queue = new LoggedLines(new LogOptions { QueuedCharacters = 10 }, tally, TimeProvider.System);
        queue.Add(Line("1234"));
        Assert.False(queue.HalfFull.IsCompleted);
        queue.Add(Line("56789"));
        Assert.True(queue.HalfFull.IsCompleted);
        queue.Add(Line("ab"));
        queue.Add(Line("c"));
        Assert.Equal(["1234", "56789", "c"], queue.Take(out long lost).Select(static line => line.Text));
        Assert.Equal((1L, 1L), (lost, tally.Lost(LogLoss.Queue)));
        Assert.False(queue.HalfFull.IsCompleted);

        queue.Add(Line("0123456789"));
        Assert.Single(queue.Take(out lost));
        Assert.Equal(0, lost);
        Assert.Empty(queue.Take(out _));
    }

    [Fact]
    public void A_closed_queue_counts_what_comes_late()
    {
        var tally = new LogTally();
        var queue = new LoggedLines(new LogOptions(), tally, TimeProvider.System);
        queue.Add(Line("in time"));
        queue.Close();
        queue.Add(Line("late"));
        Assert.Equal("in time", Assert.Single(queue.Take(out long lost)).Text);
        Assert.Equal((1L, 1L), (lost, tally.Lost(LogLoss.Queue)));
    }

    [Fact]
    public async Task Of_lines_that_are_added_at_once_none_is_lost_uncounted()
    {
        var tally = new LogTally();
        var queue = new LoggedLines(new LogOptions { QueuedCharacters = 1000 }, tally, TimeProvider.System);
        long taken = 0;
        Task[] adders = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                queue.Add(Line("line"));
            }
        }))];
        Task all = Task.WhenAll(adders);
        while (!all.IsCompleted)
        {
            taken += queue.Take(out _).Count;
        }

        await all;
        taken += queue.Take(out _).Count;
        Assert.Equal(40_000, taken + tally.Lost(LogLoss.Queue));
    }

    private static LoggedLine Line(string text) => new(1, "bucket", default, text);
}
