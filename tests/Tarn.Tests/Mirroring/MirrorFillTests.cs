using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;
using Tarn.Core.Records;

namespace Tarn.Tests.Mirroring;

/// <summary>A side that comes back is filled while writes go on, and counts only then.</summary>
public sealed partial class MirrorFillTests
{
    [Fact]
    public async Task A_side_that_comes_back_gets_what_it_missed_and_gives_up_what_was_removed()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        await PutManyAsync(mirror, 0, 2000, "old");
        BlobId kept = await mirror.WriteAsync("kept");
        BlobId removed = await mirror.WriteAsync("removed");
        mirror.Other.Broken = new IOException("gone");
        await PutManyAsync(mirror, 1000, 3000, "new");
        await mirror.Mirror.Metadata.CommitAsync(new KeyValueBatch().Delete(TestMirror.Bytes("row 0005")), default);
        BlobId added = await mirror.WriteAsync("added");
        await mirror.Mirror.Blobs.DeleteAsync(removed, default);
        mirror.Other.Broken = null;
        await mirror.RefillAsync();
        await mirror.AssertSidesAreEqualAsync();
        Assert.True(mirror.IsWhole);
        mirror.Data.Broken = new IOException("gone too");
        Assert.Null(await mirror.GetAsync("row 0005"));
        Assert.Equal("old", await mirror.GetAsync("row 0999"));
        Assert.Equal("new", await mirror.GetAsync("row 2999"));
        await mirror.PutAsync("a", "1");
        Assert.Equal(("kept", "added"), (await mirror.ReadAsync(kept), await mirror.ReadAsync(added)));
        Assert.Null(await mirror.ReadAsync(removed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_moved_during_a_fill_is_in_the_same_place_on_both_sides(bool isBroughtBack)
    {
        await using TestMirror mirror = await LostAsync();
        var blobs = new List<BlobId>();
        for (int i = 0; i < 3; i++)
        {
            blobs.Add(mirror.NewBlob());
            await mirror.WriteSealedAsync(blobs[i], [1, 2, 3]);
        }

        // The first directories are copied first. One blob is copied to what is set aside before the others are listed.
        blobs.Sort(static (one, other) => one.Directory.CompareTo(other.Directory));
        var aside = (ISetAsideStore)mirror.Mirror.Blobs;
        Assert.True(await aside.SetAsideAsync(blobs[1], default));
        int created = 0;
        mirror.Other.BeforeChange = async what =>
        {
            if (what == "blob create" && ++created <= 2)
            {
                // First the one that was set aside, then the last one.
                bool done = created == 1 ? await aside.SetAsideAsync(blobs[0], default) : !isBroughtBack || await aside.BringBackAsync(blobs[0], default);
                Assert.True(done);
            }
        };
        await mirror.RefillAsync();
        Assert.True(created >= 2);
        await mirror.AssertSidesAreEqualAsync();
        foreach (TestSide side in (TestSide[])[mirror.Data, mirror.Other])
        {
            Assert.Equal(isBroughtBack, await side.Files.FindAsync(blobs[0], default) is not null);
            await using IBlobReader? moved = await side.Files.OpenAsideAsync(blobs[0], default);
            Assert.Equal(!isBroughtBack, moved is not null);
        }
    }

    [Fact]
    public async Task What_was_noted_for_a_fill_is_removed_in_groups()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        var blobs = new List<BlobId>();
        for (int i = 0; i < 600; i++)
        {
            blobs.Add(await mirror.WriteAsync("content"));
        }

        mirror.Other.Broken = new IOException("gone");
        foreach (BlobId blob in blobs)
        {
            await mirror.Mirror.Blobs.DeleteAsync(blob, default);
        }

        mirror.Other.Broken = null;
        int most = 0;
        mirror.Data.BeforeChange = async what =>
        {
            byte[]? position = await mirror.Data.Rows.GetAsync(Tables.MirrorPositionKey, default);
            most = Math.Max(most, position?.Length ?? 0);
        };
        await mirror.RefillAsync();
        Assert.Empty(await mirror.Other.AllBlobsAsync());
        Assert.InRange(most, 1, 20_000);
        foreach (TestSide side in (TestSide[])[mirror.Data, mirror.Other])
        {
            Assert.Empty(await side.Rows.ScanAsync(Tables.MirrorDeletedPrefix, KeyCodec.PrefixEnd(Tables.MirrorDeletedPrefix), 10, false, default));
        }
    }

    [Fact]
    public async Task A_stop_while_notes_are_removed_loses_no_side()
    {
        TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = await mirror.WriteAsync("content");
        mirror.Other.Broken = new IOException("gone");
        await mirror.Mirror.Blobs.DeleteAsync(blob, default);
        mirror.Other.Broken = null;
        Task? stopped = null;
        mirror.Data.BeforeChange = async what =>
        {
            // The note is removed in the first group of both.
            if (what == "commit" && stopped is null && mirror.IsWhole)
            {
                stopped = Task.Run(() => mirror.Mirror.DisposeAsync().AsTask());
                await Task.Yield();
            }
        };
        await mirror.RefillAsync();
        await stopped!;
        Assert.Equal((MirrorStanding.Together, MirrorStanding.Together), (mirror.Data.Mark!.Standing, mirror.Other.Mark!.Standing));
        mirror.Data.BeforeChange = null;
        await mirror.OpenAsync();
        Assert.True(mirror.IsWhole);
        await mirror.DisposeAsync();
    }

    [Fact]
    public async Task A_mark_that_cannot_be_written_for_a_fill_fails_the_fill_and_no_write()
    {
        await using TestMirror mirror = await LostAsync();
        mirror.Data.BeforeChange = static what => what == "mark" ? throw new IOException("read-only") : Task.CompletedTask;
        Task failed = mirror.WhenAsync("fill failed");
        mirror.Mirror.Retry();
        await failed;
        await mirror.PutAsync("written", "1");
        mirror.Data.BeforeChange = null;
        await mirror.RefillAsync();
        Assert.True(mirror.IsWhole);
        await mirror.AssertSidesAreEqualAsync();
    }

    [Fact]
    public async Task Until_it_is_filled_a_side_does_not_count()
    {
        await using TestMirror mirror = await LostAsync();
        var reached = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await mirror.WriteAsync("on one side");
        mirror.Other.BeforeChange = async what =>
        {
            if (what == "blob create")
            {
                reached.TrySetResult();
                await goOn.Task;
            }
        };
        Task filled = mirror.WhenAsync("filled");
        mirror.Mirror.Retry();
        await reached.Task;
        Assert.Equal(MirrorSideState.Filling, mirror.Mirror.Status[1].State);
        Assert.Equal(MirrorStanding.Stale, mirror.Other.Mark!.Standing);
        Assert.Equal(MirrorStanding.Alone, mirror.Data.Mark!.Standing);

        // Its rows are complete, and later commits reach it.
        await mirror.PutAsync("during", "1");
        Task failed = mirror.WhenAsync("fill failed");
        mirror.Other.Broken = new IOException("gone again");
        goOn.SetResult();
        await mirror.PutAsync("during", "2");
        await mirror.PutAsync("during", "3");
        await failed;
        Assert.Equal("3", await mirror.GetAsync("during"));
        Assert.Equal(MirrorStanding.Stale, mirror.Other.Mark!.Standing);
        mirror.Other.Broken = null;
        mirror.Other.BeforeChange = null;
        mirror.Mirror.Retry();
        await filled;
        await mirror.AssertSidesAreEqualAsync();
    }

    [Fact]
    public async Task Writes_that_began_before_the_fill_and_end_during_it_or_after_it_are_on_both_sides()
    {
        await using TestMirror mirror = await LostAsync();
        BlobId during = mirror.NewBlob();
        BlobId after = mirror.NewBlob();
        await using IBlobWriter first = await BeginAsync(mirror, during);
        await using IBlobWriter second = await BeginAsync(mirror, after);
        var reached = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        int marks = 0;
        mirror.Data.BeforeChange = async what =>
        {
            // The last step of the fill: all blobs were listed.
            if (what == "commit" && Interlocked.Increment(ref marks) == 1)
            {
                reached.SetResult();
                await goOn.Task;
            }
        };
        Task filled = mirror.WhenAsync("filled");
        mirror.Mirror.Retry();
        await reached.Task;
        await first.CommitAsync(default);
        goOn.SetResult();
        await filled;
        await second.CommitAsync(default);
        Assert.Equal(2, (await mirror.Other.AllBlobsAsync()).Count);
        await mirror.AssertSidesAreEqualAsync();
    }

    [Fact]
    public async Task An_upload_whose_only_side_was_lost_meanwhile_fails()
    {
        await using TestMirror mirror = await LostAsync();
        BlobId blob = mirror.NewBlob();
        await using IBlobWriter writer = await BeginAsync(mirror, blob);
        await mirror.RefillAsync();
        mirror.Data.BeforeChange = static what => what == "commit" ? throw new IOException("gone") : Task.CompletedTask;
        await mirror.PutAsync("a", "1");
        mirror.Data.BeforeChange = null;
        await Assert.ThrowsAsync<IOException>(async () => await writer.CommitAsync(default));
    }

    [Fact]
    public async Task Bare_blobs_and_sealed_ones_are_filled_as_what_they_are()
    {
        await using TestMirror mirror = await LostAsync();
        BlobId bare = mirror.NewBlob();
        BlobId was = mirror.NewBlob();
        mirror.Data.Files.AddBare(bare, "bare"u8);
        mirror.Data.Files.AddBare(was, "was"u8);
        mirror.Other.Files.AddBare(was, "was"u8);
        var checksums = new BlockChecksummer();
        checksums.Append("was"u8);
        Assert.True(await mirror.Mirror.Blobs.SealAsync(was, BlobTail.Compose(was, checksums, []), default));
        await mirror.RefillAsync();
        await mirror.AssertSidesAreEqualAsync();
        Assert.True((await mirror.Other.Files.FindAsync(bare, default))!.Value.IsBare);
        Assert.False((await mirror.Other.Files.FindAsync(was, default))!.Value.IsBare);
        Assert.True(await mirror.Mirror.Blobs.SealAsync(bare, "tail"u8.ToArray(), default));
        await mirror.AssertSidesAreEqualAsync();
    }

    [Fact]
    public async Task Rows_that_change_while_they_are_copied_are_the_same_on_both_sides()
    {
        await using TestMirror mirror = await LostAsync();
        await PutManyAsync(mirror, 0, 3000, "old");
        using var stop = new CancellationTokenSource();
        Task[] writers = [.. Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            while (!stop.IsCancellationRequested)
            {
                byte[] key = TestMirror.Bytes($"row {random.Next(3000):0000}");
                KeyValueBatch batch = new();
                _ = random.Next(3) == 0 ? batch.Delete(key) : batch.Put(key, BitConverter.GetBytes(random.Next()));
                await mirror.Mirror.Metadata.CommitAsync(batch, default);
            }
        }))];
        await mirror.RefillAsync();
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await mirror.AssertSidesAreEqualAsync();
    }

    private static async Task<TestMirror> LostAsync()
    {
        TestMirror mirror = await TestMirror.CreateAsync();
        mirror.Other.Broken = new IOException("gone");
        await mirror.PutAsync("lost", "1");
        mirror.Other.Broken = null;
        return mirror;
    }

    private static async Task<IBlobWriter> BeginAsync(TestMirror mirror, BlobId blob)
    {
        IBlobWriter writer = await mirror.Mirror.Blobs.CreateAsync(blob, null, default);
        await writer.WriteAsync(new ReadOnlySequence<byte>("content"u8.ToArray()), default);
        return writer;
    }

    private static async Task PutManyAsync(TestMirror mirror, int from, int to, string value)
    {
        var batch = new KeyValueBatch();
        for (int i = from; i < to; i++)
        {
            batch.Put(TestMirror.Bytes($"row {i:0000}"), TestMirror.Bytes(value));
        }

        Assert.True(await mirror.Mirror.Metadata.CommitAsync(batch, default));
    }
}
