using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;

namespace Tarn.Tests.Mirroring;

/// <summary>One side fails: the other goes on, and what was answered is never lost.</summary>
public sealed class MirrorLossTests
{
    private static readonly IOException Gone = new("gone");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_commit_is_answered_once_the_other_side_has_recorded_that_it_goes_on_alone(int lost)
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        TestSide left = mirror[1 - lost];
        var marked = new TaskCompletionSource();
        Task? put = null;
        left.BeforeChange = what =>
        {
            if (what == "mark")
            {
                // It has the commit, but nobody has the answer.
                Assert.False(put!.IsCompleted);
                marked.SetResult();
            }

            return Task.CompletedTask;
        };
        var begun = new TaskCompletionSource();
        mirror[lost].BeforeChange = async _ =>
        {
            await begun.Task;
            throw Gone;
        };
        put = mirror.PutAsync("a", "1");
        begun.SetResult();
        await put;
        await marked.Task;
        Assert.Equal(3ul, left.Mark!.Epoch);
        Assert.Equal(MirrorStanding.Alone, left.Mark.Standing);
        Assert.Equal((2ul, MirrorStanding.Together), (mirror[lost].Mark!.Epoch, mirror[lost].Mark!.Standing));
        Assert.Equal("1", await mirror.GetAsync("a"));
        Assert.Equal([$"lost {mirror[lost].Name}: gone"], mirror.Events.Where(e => e.StartsWith("lost", StringComparison.Ordinal)));
        await mirror.PutAsync("a", "2");
        Assert.Equal("2", await mirror.GetAsync("a"));
    }

    [Theory]
    [InlineData(0, "blob create")]
    [InlineData(0, "blob write")]
    [InlineData(0, "blob commit")]
    [InlineData(1, "blob create")]
    [InlineData(1, "blob write")]
    [InlineData(1, "blob commit")]
    [InlineData(0, "blob delete")]
    [InlineData(1, "blob delete")]
    public async Task A_blob_is_answered_once_the_other_side_has_recorded_that_it_goes_on_alone(int lost, string at)
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId before = await mirror.WriteAsync("before");
        mirror[lost].BeforeChange = what => what == at ? throw Gone : Task.CompletedTask;
        BlobId blob = await mirror.WriteAsync("after");
        await mirror.Mirror.Blobs.DeleteAsync(before, default);
        Assert.Equal(MirrorStanding.Alone, mirror[1 - lost].Mark!.Standing);
        Assert.Equal("after", await mirror.ReadAsync(blob));
        Assert.Null(await mirror.ReadAsync(before));
        mirror[lost].BeforeChange = null;
        await mirror.RefillAsync();
        await mirror.AssertSidesAreEqualAsync();
        Assert.Equal(MirrorStanding.Together, mirror.Data.Mark!.Standing);
        Assert.Equal(mirror.Data.Mark.Epoch, mirror.Other.Mark!.Epoch);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task What_is_deleted_while_the_other_side_is_lost_for_another_reason_goes_there_too(int lost)
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId before = await mirror.WriteAsync("before");
        bool isFirst = true;
        mirror.Data.AfterChange = async what =>
        {
            if (what == "blob delete" && isFirst)
            {
                isFirst = false;
                mirror[lost].BeforeChange = static what => what == "commit" ? throw Gone : Task.CompletedTask;
                await mirror.PutAsync("a", "1");
                mirror[lost].BeforeChange = null;
            }
        };
        await mirror.Mirror.Blobs.DeleteAsync(before, default);
        Assert.Single(mirror.Events, static e => e.StartsWith("lost", StringComparison.Ordinal));
        await mirror.RefillAsync();
        Assert.Empty(await mirror.Data.AllBlobsAsync());
        await mirror.AssertSidesAreEqualAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_side_that_is_lost_is_not_tried_again_at_once(bool isReopened)
    {
        var time = new PausedTime();
        await using var mirror = new TestMirror { Time = time };
        await mirror.OpenWholeAsync();
        if (isReopened)
        {
            await mirror.ReopenAsync();
        }

        mirror.Other.Broken = Gone;
        await mirror.PutAsync("a", "1");
        await time.Paused;
        Assert.DoesNotContain(mirror.Events, static e => e.StartsWith("fill failed", StringComparison.Ordinal));
        mirror.Other.Broken = null;
        await mirror.RefillAsync();
    }

    [Fact]
    public async Task What_a_caller_has_closed_loses_no_side()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        mirror.Other.BeforeChange = static what => what == "blob write" ? throw new ObjectDisposedException("writer") : Task.CompletedTask;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => mirror.WriteAsync("a"));
        Assert.True(mirror.IsWhole);
    }

    [Fact]
    public async Task A_copy_that_may_be_incomplete_is_copied_again_though_its_length_is_right()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();

        // The device takes the name and the length, and fails before the bytes are on it.
        BlobId blob = mirror.NewBlob();
        mirror.Other.BeforeChange = async what =>
        {
            if (what == "blob commit")
            {
                await using IBlobWriter writer = await mirror.Other.Files.CreateAsync(blob, null, default);
                await writer.WriteAsync(new ReadOnlySequence<byte>(new byte[TestMirror.Sealed(blob, [1, 2, 3]).Length]), default);
                await writer.CommitAsync(default);
                throw Gone;
            }
        };
        await mirror.WriteSealedAsync(blob, [1, 2, 3]);
        mirror.Other.BeforeChange = null;
        await mirror.RefillAsync();
        await mirror.AssertSidesAreEqualAsync();
        Assert.Empty(await mirror.Data.Rows.ScanAsync([.. Enumerable.Repeat((byte)0xFF, 17), 1], [.. Enumerable.Repeat((byte)0xFF, 17), 2], 9, false, default));
    }

    [Fact]
    public async Task When_the_second_side_fails_too_writes_are_refused_and_reads_go_on()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        await mirror.PutAsync("a", "1");
        mirror.Data.BeforeChange = mirror.Other.BeforeChange = static _ => throw Gone;
        await Assert.ThrowsAsync<StoreFailedException>(() => mirror.PutAsync("a", "2"));
        mirror.Data.BeforeChange = mirror.Other.BeforeChange = null;
        await Assert.ThrowsAsync<StoreFailedException>(() => mirror.PutAsync("a", "3"));
        await Assert.ThrowsAsync<StoreFailedException>(() => mirror.Mirror.LoseAsync(mirror.Mirror.View.Lead, Gone));
        Assert.Equal("1", await mirror.GetAsync("a"));
        Assert.Equal(["failed: gone"], mirror.Events.Where(e => e.StartsWith("failed", StringComparison.Ordinal)));
        await mirror.ReopenAsync();
        await mirror.PutAsync("a", "4");
        await mirror.AssertSidesAreEqualAsync();
    }

    [Fact]
    public async Task When_the_mark_cannot_be_written_nothing_is_answered_that_one_side_has_alone()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        mirror.Other.BeforeChange = static _ => throw Gone;
        mirror.Data.BeforeChange = static what => what == "mark" ? throw Gone : Task.CompletedTask;
        await Assert.ThrowsAsync<StoreFailedException>(() => mirror.PutAsync("a", "1"));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Lack_of_room_on_either_side_is_the_callers_and_loses_none(bool onData, bool onOther)
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = await mirror.WriteAsync("before");
        await mirror.PutAsync("a", "1");
        mirror.Data.IsFull = onData;
        mirror.Other.IsFull = onOther;
        await Assert.ThrowsAsync<StorageFullException>(() => mirror.PutAsync("a", "2"));
        await Assert.ThrowsAsync<StorageFullException>(() => mirror.WriteAsync("a"));
        Assert.True(mirror.IsWhole);
        await mirror.Mirror.Metadata.CommitAsync(new KeyValueBatch().Delete(TestMirror.Bytes("a")).AsRemoval(), default);
        await mirror.Mirror.Blobs.DeleteAsync(blob, default);
        Assert.Null(await mirror.GetAsync("a"));
        mirror.Data.IsFull = mirror.Other.IsFull = false;
        await mirror.PutAsync("a", "3");
        Assert.True(mirror.IsWhole);
        await mirror.AssertSidesAreEqualAsync();
    }

    [Theory]
    [InlineData(0, "blob write")]
    [InlineData(1, "blob write")]
    [InlineData(0, "blob commit")]
    [InlineData(1, "blob commit")]
    public async Task A_blob_for_which_one_side_has_no_room_in_the_middle_fails_and_loses_no_side(int full, string at)
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        mirror[full].BeforeChange = what => what == at ? throw new StorageFullException() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageFullException>(() => mirror.WriteAsync("a"));
        Assert.True(mirror.IsWhole);
    }

    [Fact]
    public async Task On_full_disks_removals_are_not_held_up_by_what_comes_with_them()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        await mirror.PutAsync("a", "1");
        var entered = new TaskCompletionSource();
        var first = new TaskCompletionSource();
        mirror.Data.BeforeChange = async _ =>
        {
            entered.TrySetResult();
            await first.Task;
        };
        Task hold = mirror.PutAsync("hold", "1");
        await entered.Task;
        mirror.Other.IsFull = true;
        Task<bool> adds = mirror.Mirror.Metadata.CommitAsync(new KeyValueBatch().Put(TestMirror.Bytes("b"), [1]), default).AsTask();
        Task<bool> removes = mirror.Mirror.Metadata.CommitAsync(new KeyValueBatch().Delete(TestMirror.Bytes("a")).AsRemoval(), default).AsTask();
        first.SetResult();
        await hold;
        await Assert.ThrowsAsync<StorageFullException>(() => adds);
        Assert.True(await removes);
        Assert.Null(await mirror.GetAsync("a"));
        Assert.Null(await mirror.GetAsync("b"));
        Assert.True(mirror.IsWhole);
    }

    [Fact]
    public async Task Sides_whose_last_commits_have_one_number_and_are_not_the_same_are_refused()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        await mirror.PutAsync("a", "1");
        await mirror.Mirror.DisposeAsync();
        byte[] key = Tarn.Core.Records.Tables.MirrorPositionKey;
        MirrorPosition position = MirrorPosition.Decode(await mirror.Other.Rows.GetAsync(key, default));
        await mirror.Other.Rows.CommitAsync(new KeyValueBatch().Put(key, (position with { Time = position.Time + 1 }).Encode()), default);
        TestImage before = await mirror.Other.ImageAsync();
        Assert.Contains("each may have writes", (await Assert.ThrowsAsync<MirrorRefusedException>(mirror.OpenAsync)).Message, StringComparison.Ordinal);
        Assert.Equal(before.Mark, mirror.Other.Mark);
        Assert.False(mirror.Data.IsEntered || mirror.Other.IsEntered);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_side_that_changes_while_it_is_taken_at_a_start_is_looked_at_again(int side)
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        await mirror.Mirror.DisposeAsync();
        MirrorMark before = mirror[side].Mark!;
        mirror[side].BeforeEnter = () => mirror[side].Put(before with { Epoch = 3, Standing = MirrorStanding.Alone });
        await Assert.ThrowsAsync<MirrorRefusedException>(mirror.OpenAsync);
        Assert.False(mirror.Data.IsEntered || mirror.Other.IsEntered);
        mirror[side].BeforeEnter = null;
        await mirror.OpenWholeAsync();
        await mirror.AssertSidesAreEqualAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_side_whose_device_cannot_be_asked_for_its_room_is_lost_and_writes_go_on(int gone)
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        mirror[gone].BrokenRoom = Gone;
        await mirror.PutAsync("a", "1");
        Assert.Equal(MirrorStanding.Alone, mirror[1 - gone].Mark!.Standing);
        Assert.Contains($"lost {mirror[gone].Name}: gone", mirror.Events);
        mirror[gone].BrokenRoom = null;
        await mirror.RefillAsync();
        await mirror.AssertSidesAreEqualAsync();
        mirror.Data.BrokenRoom = mirror.Other.BrokenRoom = Gone;
        await Assert.ThrowsAsync<IOException>(() => mirror.PutAsync("a", "2"));
        Assert.True(mirror.IsWhole);
    }

    [Fact]
    public async Task A_lack_of_descriptors_is_the_process_s_and_loses_no_side()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        mirror.Other.BeforeChange = static what => what.StartsWith("blob", StringComparison.Ordinal) ? throw new IOException("too many", DescriptorShortage.OfProcess) : Task.CompletedTask;
        Assert.True(DescriptorShortage.IsCauseOf(await Assert.ThrowsAsync<IOException>(() => mirror.WriteAsync("a"))));
        Assert.True(mirror.IsWhole);
    }

    [Fact]
    public async Task Metadata_that_one_side_cannot_read_is_read_from_the_other_and_replaced()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        await mirror.PutAsync("a", "1");
        await using IKeyValueSnapshot snapshot = await mirror.Mirror.Metadata.OpenSnapshotAsync(default);
        await using IKeyValueSnapshot unused = await mirror.Mirror.Metadata.OpenSnapshotAsync(default);
        mirror.Data.BrokenReads = new StoreDamagedException("a damaged block");
        Assert.Equal(TestMirror.Bytes("1"), await snapshot.GetAsync(TestMirror.Bytes("a"), default));
        Task filled = mirror.WhenAsync("filled");
        Assert.Equal("1", await mirror.GetAsync("a"));
        Assert.Single(await mirror.Mirror.Metadata.ScanAsync([0], [0xFE], 9, false, default));
        await mirror.PutAsync("b", "2");
        Assert.Contains("lost data: a damaged block", mirror.Events);
        mirror.Mirror.Retry();
        await filled;
        Assert.Null(mirror.Data.BrokenReads);
        await mirror.AssertSidesAreEqualAsync();
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_fails_only_the_commits_that_check_it()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        mirror.Other.Broken = new IOException("gone");
        await mirror.PutAsync("a", "1");
        mirror.Data.BadRow = TestMirror.Bytes("bad");
        var reached = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        mirror.Data.BeforeChange = async _ =>
        {
            reached.TrySetResult();
            await goOn.Task;
        };
        Task first = mirror.PutAsync("a", "2");
        await reached.Task;

        // These three wait, and become one group.
        Task<bool> checks = mirror.Mirror.Metadata.CommitAsync(new KeyValueBatch().Check(TestMirror.Bytes("bad"), null).Put(TestMirror.Bytes("bad"), [1]), default).AsTask();
        Task other = mirror.PutAsync("b", "3");
        goOn.SetResult();
        await first;
        await Assert.ThrowsAsync<IOException>(() => checks);
        await other;
        Assert.Equal(("2", "3"), (await mirror.GetAsync("a"), await mirror.GetAsync("b")));
    }

    [Fact]
    public async Task Removals_go_on_where_the_room_cannot_be_asked_for()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        mirror.Other.Broken = new IOException("gone");
        await mirror.PutAsync("a", "1");
        var reached = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        mirror.Data.BeforeChange = async _ =>
        {
            reached.TrySetResult();
            await goOn.Task;
        };
        Task first = mirror.Mirror.Metadata.CommitAsync(new KeyValueBatch().Put([1], [1]).AsRemoval(), default).AsTask();
        await reached.Task;
        mirror.Data.BrokenRoom = new IOException("statvfs");
        Task adds = mirror.PutAsync("b", "3");
        Task removes = mirror.Mirror.Metadata.CommitAsync(new KeyValueBatch().Delete(TestMirror.Bytes("a")).AsRemoval(), default).AsTask();
        goOn.SetResult();
        await first;
        await Assert.ThrowsAsync<IOException>(() => adds);
        await removes;
        Assert.Null(await mirror.GetAsync("a"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Whether_a_blob_is_there_is_not_known_while_a_side_that_may_have_it_cannot_tell(int unknown)
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = await mirror.WriteAsync("content");
        await mirror[1 - unknown].Files.DeleteAsync(blob, default);
        mirror[unknown].Broken = new IOException("for a moment");
        var aside = (ISetAsideStore)mirror.Mirror.Blobs;
        await Assert.ThrowsAsync<IOException>(() => mirror.Mirror.Blobs.OpenAsync(blob, default).AsTask());
        await Assert.ThrowsAsync<IOException>(() => mirror.Mirror.Blobs.FindAsync(blob, default).AsTask());
        await Assert.ThrowsAsync<IOException>(() => aside.OpenAsideAsync(blob, default).AsTask());
        mirror[unknown].Broken = null;
        Assert.True(mirror.IsWhole);
        Assert.NotNull(await mirror.Mirror.Blobs.FindAsync(blob, default));
        Assert.Equal("content", await mirror.ReadAsync(blob));
    }

    [Fact]
    public async Task Checks_are_decided_on_the_side_that_can_be_read()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        await mirror.PutAsync("a", "1");
        mirror.Data.BrokenReads = new IOException("unreadable");
        Assert.False(await mirror.Mirror.Metadata.CommitAsync(new KeyValueBatch().Check(TestMirror.Bytes("a"), null).Put(TestMirror.Bytes("a"), [2]), default));
        Assert.True(await mirror.Mirror.Metadata.CommitAsync(new KeyValueBatch().Check(TestMirror.Bytes("a"), TestMirror.Bytes("1")).Put(TestMirror.Bytes("a"), TestMirror.Bytes("3")), default));
        Assert.Equal("3", await mirror.GetAsync("a"));
    }

    /// <summary>A clock whose timers never end, and which tells that one was asked for.</summary>
    private sealed class PausedTime : TimeProvider
    {
        private readonly TaskCompletionSource _paused = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Paused => _paused.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _paused.TrySetResult();
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
