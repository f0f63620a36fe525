using Tarn.Core.Buckets;
using Tarn.Core.Logging;
using Tarn.Core.Model;
using Tarn.Core.Records;
using Tarn.Tests.Access;

namespace Tarn.Tests.BucketLogs;

/// <content>Targets, metadata and stores that fail, block or are gone.</content>
public sealed partial class LogDeliveryTests
{
    [Fact]
    public async Task What_cannot_be_written_waits_and_holds_up_nothing_else()
    {
        Bucket broken = await _logs.BucketAsync("broken");
        Bucket target = await _logs.BucketAsync("target");
        Bucket one = await _logs.LoggedAsync("one", "broken");
        Bucket two = await _logs.LoggedAsync("two", "target");
        _logs.Rows.FailRead = Fail(broken);
        _logs.Add(one, "waits");
        _logs.Add(two, "arrives");
        await _logs.CollectAsync();
        long both = _logs.Spool.Length;
        await _logs.DeliverAsync();
        Assert.Equal(["arrives"], await _logs.LinesAsync(target));
        Assert.Equal(["failed one: broken"], _logs.Events.All);
        long left = _logs.Spool.Length;
        Assert.InRange(left, 1, both - 1);

        // Not before a pause.
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal(1, _logs.Tally.Failures);
        _logs.Objects.Clock.Advance(_logs.Options.RetryDelay);
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal((2L, left), (_logs.Tally.Failures, _logs.Spool.Length));

        // Neither a new process nor what was rewritten changes the key.
        _logs.Start();
        _logs.Rows.FailRead = null;
        await _logs.CollectAsync();
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal(["waits"], await _logs.LinesAsync(broken));
        Assert.StartsWith("logs/2026-02-06-10-04-00-", Assert.Single(await _logs.KeysAsync(broken)), StringComparison.Ordinal);
        Assert.Equal(["arrives"], await _logs.LinesAsync(target));
        Assert.Empty(_logs.Files.Names);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public async Task A_target_that_was_deleted_and_created_again_takes_the_lines_if_it_has_the_same_owner(string owner)
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        _logs.Add(source, "line");
        await _logs.CollectAsync();
        await _logs.Objects.Store.Buckets.DeleteAsync(target, Token);
        target = await _logs.BucketAsync("target", owner);
        await _logs.DeliverAsync();
        Assert.Equal(owner == "a" ? ["line"] : [], await _logs.LinesAsync(target));
        Assert.Equal(owner == "a" ? 0 : 1, _logs.Tally.Lost(LogLoss.Target));
    }

    [Fact]
    public async Task A_bucket_that_was_deleted_before_its_first_line_was_collected_is_nothing_that_an_operator_could_mend()
    {
        await _logs.BucketAsync("target");
        Bucket gone = await _logs.LoggedAsync("gone", "target");
        _logs.Add(gone, "line");
        await _logs.Objects.Store.Buckets.DeleteAsync(gone, Token);
        await _logs.CollectAsync();
        Assert.Equal((1L, 0L), (_logs.Tally.Lost(LogLoss.Gone), _logs.Tally.Lost(LogLoss.Spool)));
        Assert.Empty(_logs.Events.All);
    }

    [Fact]
    public async Task Metadata_that_blocks_or_fails_keeps_lines_from_the_disk_for_a_second_at_most()
    {
        await _logs.BucketAsync("target");
        Bucket known = await _logs.LoggedAsync("known", "target");
        Bucket unknown = await _logs.LoggedAsync("unknown", "target");
        _logs.Add(known, "1");
        await _logs.CollectAsync();
        long before = _logs.Spool.Length;
        _logs.Rows.FailRead = _ =>
        {
            // The read goes on until it is cancelled.
            _logs.Objects.Clock.Advance(TimeSpan.FromSeconds(1));
            return null;
        };
        _logs.Add(known, "2");
        _logs.Add(unknown, "3");
        await _logs.CollectAsync();
        Assert.True(_logs.Spool.Length > before);
        Assert.Equal(1, _logs.Tally.Lost(LogLoss.Setting));
        Assert.All(_logs.Events.All, static told => Assert.StartsWith("setting failed: ", told, StringComparison.Ordinal));
        Assert.Equal(2, _logs.Events.All.Length);
    }

    [Fact]
    public async Task Objects_of_one_owner_do_not_wait_for_all_of_anothers()
    {
        Bucket theirs = await _logs.BucketAsync("theirs", "b");
        await _logs.SetAsync(theirs, BucketLogging.Stored, new BucketLogging("theirs", ""));
        Bucket target = await _logs.BucketAsync("target");
        for (int i = 0; i < 40; i++)
        {
            _logs.Add(await _logs.LoggedAsync($"source{i}", "target"), "line");
        }

        _logs.Add(theirs, "theirs");
        await _logs.CollectAsync();
        _logs.Objects.Clock.Advance(_logs.Options.Interval);
        await _logs.CollectAsync();
        var served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _logs.Rows.HoldRead = key =>
        {
            if (key.AsSpan().SequenceEqual(Tables.BucketKey("theirs")))
            {
                served.TrySetResult();
            }

            return key.AsSpan().SequenceEqual(Tables.BucketKey("target")) ? served.Task : null;
        };

        // Ends only if theirs is reached while the others' writers are all held.
        await _logs.Delivery.RunOnceAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Equal((40, 1), ((await _logs.KeysAsync(target)).Length, (await _logs.KeysAsync(theirs)).Length));
    }

    [Fact]
    public async Task A_store_that_fails_everything_ends_the_pass_and_is_tried_less_and_less()
    {
        Bucket broken = await _logs.BucketAsync("broken");
        for (int i = 0; i < 60; i++)
        {
            _logs.Add(await _logs.LoggedAsync($"source{i}", "broken"), "line");
        }

        _logs.Rows.FailRead = Fail(broken);
        await _logs.DeliverAsync();
        long first = _logs.Tally.Failures;
        Assert.InRange(first, 16, 24);
        _logs.Objects.Clock.Advance(_logs.Options.RetryDelay);
        await _logs.Delivery.RunOnceAsync(Token);
        long second = _logs.Tally.Failures;
        Assert.InRange(second - first, 16, 24);
        _logs.Objects.Clock.Advance(_logs.Options.RetryDelay);
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal(second, _logs.Tally.Failures);
        _logs.Rows.FailRead = null;
        _logs.Objects.Clock.Advance(_logs.Options.RetryDelay);
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal((60, 60), ((await _logs.KeysAsync(broken)).Length, _logs.Tally.Delivered));
        Assert.Equal(0, _logs.Spool.Length);
    }

    [Fact]
    public async Task A_setting_of_the_largest_size_is_written_once_for_each_bucket_without_its_grants()
    {
        await _logs.BucketAsync("target");
        var grants = AccessControlList.Create([.. Enumerable.Range(0, 100).Select(i => new Grant(Grantee.Canonical(TestIdentity.IdOf(i.ToString(System.Globalization.CultureInfo.InvariantCulture))), AclPermission.Read))]);
        Bucket source = await _logs.LoggedAsync("source", "target", grants: grants);
        for (int i = 0; i < 10; i++)
        {
            _logs.Add(source, "line");
            await _logs.CollectAsync();
        }

        Assert.InRange(_logs.Spool.Length, 1, 600);
    }

    [Fact]
    public async Task What_a_newer_build_wrote_is_kept_for_it_and_the_rest_is_delivered_once()
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        _logs.Add(source, "line");
        await _logs.CollectAsync();
        _logs.Spool.Dispose();
        string file = Assert.Single(_logs.Files.Names);
        byte[] newer = SegmentFormat.Lines(1, 1, 1, "?"u8);
        newer[SegmentFormat.HeaderSize] = 9;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(newer.AsSpan(4), (uint)Core.Hashing.Crc.Crc32C.Of(newer.AsSpan(SegmentFormat.HeaderSize)));
        byte[] content = [.. _logs.Files.Content(file), .. newer];
        _logs.Files.Put(file, content);
        _logs.Start();
        for (int i = 0; i < 3; i++)
        {
            await _logs.CollectAsync();
            await _logs.Delivery.RunOnceAsync(Token);
            _logs.Objects.Clock.Advance(_logs.Options.RetryDelay);
        }

        Assert.Equal(["line"], await _logs.LinesAsync(target));
        Assert.Equal(1, _logs.Tally.Delivered);
        Assert.Equal([$"torn {newer.Length}"], _logs.Events.All.Distinct());
        Assert.Equal(content, _logs.Files.Content(Assert.Single(_logs.Files.Names)));
    }

    [Fact]
    public async Task What_cannot_be_delivered_for_a_day_is_given_up()
    {
        Bucket broken = await _logs.BucketAsync("broken");
        Bucket source = await _logs.LoggedAsync("source", "broken");
        _logs.Rows.FailRead = Fail(broken);
        _logs.Add(source, "lost");
        await _logs.CollectAsync();

        // Not counted: how long it waited for its first try.
        _logs.Objects.Clock.Advance(_logs.Options.Patience);
        await _logs.CollectAsync();
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal(0, _logs.Tally.Lost(LogLoss.Expired));
        _logs.Objects.Clock.Advance(_logs.Options.Patience);
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal((1L, 0L), (_logs.Tally.Lost(LogLoss.Expired), _logs.Spool.Length));
        Assert.Contains("dropped 1 Expired source: broken", _logs.Events.All);
    }

    [Fact]
    public async Task A_delivery_that_is_not_known_to_have_succeeded_is_not_made_twice()
    {
        Bucket target = await _logs.BucketAsync("target");
        await _logs.SetAsync(target, BucketVersioning.Stored, new BucketVersioning(VersioningState.Enabled));
        Bucket source = await _logs.LoggedAsync("source", "target");
        _logs.Add(source, "line");
        await _logs.CollectAsync();
        _logs.Objects.Clock.Advance(_logs.Options.Interval);
        await _logs.CollectAsync();
        _logs.Rows.AfterCommit = static _ => throw new IOException("the answer was lost");
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal(1, _logs.Tally.Failures);
        _logs.Objects.Clock.Advance(_logs.Options.RetryDelay);
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Equal(["line"], await _logs.LinesAsync(target));
        Assert.Equal((1L, 1L), (_logs.Tally.Delivered, _logs.Tally.Objects));
        Assert.Single((await _logs.Objects.Store.Versions.ListAsync(
            (await _logs.Objects.Store.Buckets.FindAsync(target.Name, Token))!, new Core.Objects.Listing.VersionQuery { MaxKeys = 10 }, Token)).Versions);
        Assert.Empty(_logs.Files.Names);
    }

    [Fact]
    public async Task A_store_that_blocks_keeps_no_line_from_the_disk_and_memory_is_bounded()
    {
        _logs.Options = new LogOptions { SpoolBytes = 4000, QueuedCharacters = 1000, SegmentBytes = 1000 };
        _logs.Start();
        await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        _logs.Add(source, new string('x', 900));
        await _logs.CollectAsync();
        var blocked = new TaskCompletionSource();
        var open = new TaskCompletionSource();
        _logs.Rows.BeforeCommit = async _ =>
        {
            blocked.SetResult();
            await open.Task;
        };
        _logs.Objects.Clock.Advance(_logs.Options.Interval);
        await _logs.CollectAsync();
        Task delivery = _logs.Delivery.RunOnceAsync(Token).AsTask();
        await blocked.Task.WaitAsync(Token);
        int spooled = 1;
        for (int i = 0; i < 10; i++)
        {
            _logs.Add(source, new string('y', 900));
            _logs.Add(source, new string('z', 900));
            await _logs.CollectAsync();
            Assert.InRange(_logs.Spool.Length, 900, 4000);
            spooled++;
        }

        Assert.Equal(10, _logs.Tally.Lost(LogLoss.Queue));
        Assert.InRange(_logs.Tally.Lost(LogLoss.Spool), 6, 9);
        Assert.False(delivery.IsCompleted);
        open.SetResult();
        await delivery;
        await _logs.Delivery.RunOnceAsync(Token);
        await _logs.DeliverAsync();
        Assert.Equal(spooled, _logs.Tally.Delivered + _logs.Tally.Lost(LogLoss.Spool));
    }

    internal static Func<byte[], Exception?> Fail(Bucket bucket)
    {
        byte[] row = Tables.BucketKey(bucket.Name.Value);
        return key => key.AsSpan().SequenceEqual(row) ? new IOException("broken") : null;
    }
}
