using System.Globalization;
using Tarn.Core.Buckets;
using Tarn.Core.Logging;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.BucketLogs;

/// <summary>Lines on disk, when files fail or a crash leaves them half written.</summary>
public sealed class LogSpoolTests
{
    private readonly LogFixture _logs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("create")]
    [InlineData("append")]
    [InlineData("sync")]
    [InlineData("list")]
    public async Task Lines_that_cannot_be_written_are_counted_and_those_that_follow_are_not_lost(string call)
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        if (call != "list")
        {
            _logs.Add(source, "before");
            await _logs.CollectAsync();
            if (call == "create")
            {
                await _logs.DeliverAsync();
            }
        }

        _logs.Files.Before = (now, _) =>
        {
            if (now == call)
            {
                throw new IOException("No space left on device");
            }
        };
        _logs.Add(source, "lost");
        await _logs.CollectAsync();
        Assert.Equal(1, _logs.Tally.Lost(LogLoss.Spool));
        Assert.Equal("lost 1 Spool No space left on device", _logs.Events.All[0]);

        // While it rests nothing is tried, and lines wait in memory.
        _logs.Files.Before = null;
        _logs.Add(source, "after");
        string[] names = [.. _logs.Files.Names];
        await _logs.CollectAsync();
        Assert.True(_logs.Collector.IsResting && _logs.Queue.OldestAge == default && _logs.Files.Names.Count() <= Math.Max(1, names.Length));
        _logs.Objects.Clock.Advance(TimeSpan.FromSeconds(2));
        await _logs.DeliverAsync();
        string[] lines = await _logs.LinesAsync(target);
        Assert.Contains("after", lines);
        Assert.Equal(call == "list" ? 0 : 1, lines.Count(static line => line == "before"));
        Assert.Equal(call == "sync" ? 1 : 0, lines.Count(static line => line == "lost"));
        Assert.Empty(_logs.Files.Names);
    }

    [Theory]
    [InlineData("rename")]
    [InlineData("read")]
    [InlineData("delete")]
    public async Task A_failure_of_a_file_that_is_delivered_is_told_and_tried_again(string call)
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        _logs.Add(source, "line");
        _logs.Files.Before = (now, _) =>
        {
            if (now == call)
            {
                throw new IOException("Input/output error");
            }
        };
        await _logs.DeliverAsync();
        Assert.Equal(["spool failed: Input/output error"], _logs.Events.All.Distinct());
        Assert.NotEqual(0, _logs.Spool.Length);
        _logs.Files.Before = null;
        await _logs.CollectAsync();
        _logs.Objects.Clock.Advance(_logs.Options.RetryDelay);
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal(["line"], await _logs.LinesAsync(target));
        Assert.Empty(_logs.Files.Names);
    }

    /// <summary>As a directory whose sync fails: the call was made and says that it was not.</summary>
    [Theory]
    [InlineData("rename")]
    [InlineData("delete")]
    [InlineData("replace")]
    public async Task A_call_that_was_made_and_failed_is_made_again_and_holds_up_nothing(string call)
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket broken = await _logs.BucketAsync("broken");
        Bucket source = await _logs.LoggedAsync("source", "target");
        Bucket other = await _logs.LoggedAsync("other", "broken");
        _logs.Add(source, "line");
        if (call == "replace")
        {
            _logs.Rows.FailRead = LogDeliveryTests.Fail(broken);
            _logs.Add(other, "waits");
        }

        bool hasFailed = false;
        _logs.Files.After = (now, _) =>
        {
            if (now == call && !hasFailed)
            {
                hasFailed = true;
                throw new IOException("Input/output error");
            }
        };
        await _logs.DeliverAsync();
        Assert.True(hasFailed);
        Assert.Contains("spool failed: Input/output error", _logs.Events.All);
        _logs.Add(source, "next");
        _logs.Rows.FailRead = null;
        _logs.Objects.Clock.Advance(TimeSpan.FromSeconds(1));
        await _logs.DeliverAsync();
        Assert.Equal(["line", "next"], (await _logs.LinesAsync(target)).Order(StringComparer.Ordinal));
        Assert.Equal(call == "replace" ? ["waits"] : [], await _logs.LinesAsync(broken));
        Assert.Equal((call == "replace" ? 3L : 2L, 0L), (_logs.Tally.Delivered, _logs.Tally.Lost(LogLoss.Spool)));
        Assert.DoesNotContain(_logs.Events.All, static told => told.StartsWith("missing", StringComparison.Ordinal));
        Assert.True(!_logs.Files.Names.Any() && _logs.Spool.Length == 0);
    }

    [Theory]
    [InlineData("open")]
    [InlineData("sealed")]
    public async Task A_file_that_somebody_removed_is_counted_and_holds_up_nothing(string when)
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        _logs.Add(source, "lost");
        _logs.Add(source, "lost too");
        await _logs.CollectAsync();
        if (when == "sealed")
        {
            _logs.Objects.Clock.Advance(_logs.Options.Interval);
            await _logs.CollectAsync();
        }

        _logs.Files.Lose(Assert.Single(_logs.Files.Names));
        await _logs.DeliverAsync();
        Assert.Equal((2L, 0L), (_logs.Tally.Lost(LogLoss.Spool), _logs.Spool.Length));
        Assert.StartsWith("missing ", Assert.Single(_logs.Events.All), StringComparison.Ordinal);
        _logs.Add(source, "next");
        await _logs.DeliverAsync();
        Assert.Equal(["next"], await _logs.LinesAsync(target));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_or_sealed_holds_up_no_other_and_is_given_up_after_a_day()
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        _logs.Files.Put(new SegmentName(DateTimeOffset.UnixEpoch, default, DateTimeOffset.UnixEpoch).ToString(), 1, 2, 3);
        string unsealable = new SegmentName(DateTimeOffset.UnixEpoch, default, null).ToString();
        _logs.Files.Put(unsealable, 1, 2, 3);
        string bad = _logs.Files.Names.Single(static name => name.EndsWith(".log", StringComparison.Ordinal));
        _logs.Files.Before = (call, name) =>
        {
            if (name == bad || name == unsealable)
            {
                throw new IOException("Input/output error");
            }
        };
        _logs.Add(source, "line");
        await _logs.DeliverAsync();
        Assert.Equal(["line"], await _logs.LinesAsync(target));
        Assert.Equal(2, _logs.Files.Names.Count());

        _logs.Files.Before = (call, name) =>
        {
            if (name == bad && call == "read")
            {
                throw new IOException("Input/output error");
            }
        };
        await _logs.CollectAsync();
        _logs.Objects.Clock.Advance(_logs.Options.Patience);
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal(1, _logs.Tally.Lost(LogLoss.Expired));
        _logs.Objects.Clock.Advance(_logs.Options.RetryDelay);
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Empty(_logs.Files.Names);
        Assert.Equal(1, _logs.Tally.Lost(LogLoss.Expired));
    }

    [Fact]
    public async Task A_disk_that_stays_full_gets_few_files_and_none_stays_empty()
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        int created = 0;
        _logs.Files.Before = (call, _) =>
        {
            created += call == "create" ? 1 : 0;
            if (call == "append")
            {
                throw new IOException("No space left on device");
            }
        };
        for (int i = 0; i < 120; i++)
        {
            _logs.Add(source, "line");
            await _logs.CollectAsync();
            Assert.True(_logs.Files.Names.Count() <= 1);
            _logs.Objects.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(created, 4, 8);
        _logs.Files.Before = null;
        _logs.Objects.Clock.Advance(TimeSpan.FromSeconds(32));
        await _logs.DeliverAsync();
        Assert.Equal(120, (await _logs.LinesAsync(target)).Length + _logs.Tally.Lost(LogLoss.Spool));
        Assert.Empty(_logs.Files.Names);
        Assert.False(_logs.Collector.IsResting);
    }

    [Fact]
    public async Task A_full_spool_creates_no_file()
    {
        _logs.Options = new LogOptions { SpoolBytes = 100 };
        _logs.Start();
        await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        _logs.Add(source, new string('x', 200));
        await _logs.CollectAsync();
        Assert.Equal(1, _logs.Tally.Lost(LogLoss.Spool));
        Assert.Empty(_logs.Files.Names);
        Assert.False(_logs.Collector.IsResting);
    }

    [Fact]
    public async Task One_owner_leaves_room_for_the_others()
    {
        _logs.Options = new LogOptions { SpoolBytes = 8000 };
        _logs.Start();
        await _logs.BucketAsync("target");
        Bucket theirs = await _logs.BucketAsync("theirs", "b");
        Bucket loud = await _logs.LoggedAsync("loud", "target");
        await _logs.SetAsync(theirs, BucketLogging.Stored, new BucketLogging("theirs", ""));
        for (int i = 0; i < 30; i++)
        {
            _logs.Add(loud, new string('x', 500));
            await _logs.CollectAsync();
        }

        Assert.InRange(_logs.Spool.Length, 3000, 4100);
        long lost = _logs.Tally.Lost(LogLoss.Spool);
        _logs.Add(theirs, new string('y', 1000));
        await _logs.CollectAsync();
        Assert.Equal(lost, _logs.Tally.Lost(LogLoss.Spool));
        await _logs.DeliverAsync();
        Assert.Single(await _logs.LinesAsync(theirs));
    }

    [Theory]
    [InlineData(-400)]
    [InlineData(400)]
    public async Task A_time_of_day_that_is_set_changes_neither_the_interval_nor_the_pause_nor_the_patience(int days)
    {
        Bucket broken = await _logs.BucketAsync("broken");
        Bucket source = await _logs.LoggedAsync("source", "broken");
        _logs.Rows.FailRead = LogDeliveryTests.Fail(broken);
        _logs.Add(source, "line");
        await _logs.CollectAsync();
        _logs.Clock.Ahead = TimeSpan.FromDays(days);
        await _logs.CollectAsync();
        Assert.Empty(_logs.Spool.Sealed);
        _logs.Objects.Clock.Advance(_logs.Options.Interval);
        await _logs.CollectAsync();
        Assert.Single(_logs.Spool.Sealed);
        await _logs.Delivery.RunOnceAsync(Token);
        _logs.Clock.Ahead = default;
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal(1, _logs.Tally.Failures);
        _logs.Objects.Clock.Advance(_logs.Options.RetryDelay);
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal((2L, 0L), (_logs.Tally.Failures, _logs.Tally.Lost(LogLoss.Expired)));

        // A restart begins anew: what was spooled by a clock that was wrong is tried for a day.
        _logs.Clock.Ahead = TimeSpan.FromDays(days);
        _logs.Start();
        await _logs.CollectAsync();
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal((1L, 0L), (_logs.Tally.Failures, _logs.Tally.Lost(LogLoss.Expired)));
        Assert.True(_logs.Spool.OldestAge >= TimeSpan.Zero);
        _logs.Objects.Clock.Advance(_logs.Options.Patience);
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal(1, _logs.Tally.Lost(LogLoss.Expired));
    }

    [Fact]
    public async Task The_next_process_delivers_at_once_what_a_crash_has_left()
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        _logs.Add(source, "synced");
        await _logs.CollectAsync();
        _logs.Files.Before = static (call, _) =>
        {
            if (call == "sync")
            {
                throw new IOException("power cut");
            }
        };
        _logs.Add(source, "not synced");
        await _logs.CollectAsync();
        MemorySpoolFiles left = _logs.Files.Crash(new Random(3));
        left.Create("00000000000001-0000000000000000.tmp").Dispose();
        _logs.Start(left);
        await _logs.CollectAsync();
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal("synced", (await _logs.LinesAsync(target))[0]);
        Assert.Empty(_logs.Files.Names);
        Assert.True(_logs.Spool.Length == 0 && _logs.Spool.OldestAge == default);
    }

    [Fact]
    public async Task What_does_not_fit_is_lost_and_counted()
    {
        _logs.Options = new LogOptions { SpoolBytes = 2000 };
        _logs.Start();
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        for (int i = 0; i < 10; i++)
        {
            _logs.Add(source, i.ToString(CultureInfo.InvariantCulture) + new string('x', 500));
            await _logs.CollectAsync();
        }

        Assert.InRange(_logs.Spool.Length, 1000, 2000);
        long lost = _logs.Tally.Lost(LogLoss.Spool);
        Assert.InRange(lost, 6, 8);
        Assert.Equal(lost, _logs.Events.All.Count(static told => told == "lost 1 Spool"));
        await _logs.DeliverAsync();
        Assert.Equal(10, lost + (await _logs.LinesAsync(target)).Length);
    }

    [Fact]
    public async Task The_age_is_that_of_the_oldest_line()
    {
        await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        Assert.Equal(TimeSpan.Zero, _logs.Spool.OldestAge);
        _logs.Add(source, "one");
        await _logs.CollectAsync();
        _logs.Objects.Clock.Advance(TimeSpan.FromMinutes(3));
        _logs.Add(source, "two");
        Assert.Equal((TimeSpan.FromMinutes(3), TimeSpan.Zero), (_logs.Spool.OldestAge, _logs.Queue.OldestAge));
        _logs.Objects.Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(TimeSpan.FromSeconds(9), _logs.Queue.OldestAge);
        await _logs.CollectAsync();
        Assert.Equal(TimeSpan.Zero, _logs.Queue.OldestAge);
        _logs.Objects.Clock.Advance(TimeSpan.FromMinutes(3));
        await _logs.CollectAsync();
        Assert.Equal(TimeSpan.FromSeconds(369), _logs.Spool.OldestAge);
    }

    [Fact]
    public void Files_that_are_gone_are_misses_and_the_reserve_of_the_disk_is_kept()
    {
        using var directory = new TemporaryDirectory("spool");
        long reserve = long.MaxValue;
        var files = new SpoolDirectory(directory.PathOf("log-spool"), bytes =>
        {
            if (bytes > reserve)
            {
                throw new IOException("reserved");
            }
        });
        Assert.Null(files.Read("none"));
        Assert.False(files.Rename("none", "other"));
        files.Delete("none");
        using (ISpoolFile file = files.Create("a"))
        {
            reserve = 2;
            file.Append("ab"u8);
            Assert.Throws<IOException>(() => file.Append("abc"u8));
            Assert.Equal(2, file.Length);
        }

        Assert.True(files.Rename("a", "b"));
        Assert.True(files.Rename("a", "b"));
        reserve = -1;
        Assert.Throws<IOException>(() => files.Create("c"));
        Assert.Null(files.Read("a"));
        Assert.Equal([("b", 2L)], files.List());
        Directory.CreateDirectory(directory.PathOf("log-spool/d/in"));
        Assert.ThrowsAny<IOException>(() => files.Replace("d", "x"u8));
        Assert.Equal([("b", 2L)], files.List());
    }

    [Fact]
    public void Files_of_a_directory_are_kept_across_processes()
    {
        using var directory = new TemporaryDirectory("spool");
        var files = new SpoolDirectory(directory.PathOf("log-spool"), static _ => { });
        Assert.Empty(files.List());
        using (ISpoolFile file = files.Create("a"))
        {
            file.Append("one "u8);
            file.Append("two"u8);
            file.Sync();
        }

        Assert.Throws<IOException>(() => files.Create("a"));
        files.Rename("a", "b");
        files = new SpoolDirectory(directory.PathOf("log-spool"), static _ => { });
        Assert.Equal([("b", 7L)], files.List());
        Assert.Equal("one two"u8.ToArray(), files.Read("b"));
        files.Replace("b", "three"u8);
        Assert.Equal("three"u8.ToArray(), files.Read("b"));
        files.Delete("b");
        files.Delete("b");
        Assert.Empty(files.List());
    }
}
