using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;
using Tarn.Core.Records;

namespace Tarn.Tests.Mirroring;

/// <summary>A side that comes back is filled while writes go on, and counts only then.</summary>
public sealed class MirrorFillTests
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

    [Fact]
    public async Task A_side_that_went_on_alone_elsewhere_is_not_overwritten()
    {
        await using TestMirror mirror = await LostAsync();
        mirror.Other.Put(mirror.Other.Mark! with { Epoch = 9, Standing = MirrorStanding.Alone });
        Task failed = mirror.WhenAsync("fill failed mirror: mirror (alone since");
        mirror.Mirror.Retry();
        await failed;
        Assert.Equal(9ul, mirror.Other.Mark!.Epoch);
    }

    [Fact]
    public async Task An_empty_place_is_filled_only_when_told_so()
    {
        await using TestMirror mirror = await LostAsync();
        await mirror.PutAsync("a", "1");
        mirror.Other.IsUnmounted = true;
        Task failed = mirror.WhenAsync("fill failed mirror: mirror is empty");
        mirror.Mirror.Retry();
        await failed;
        await mirror.ReopenAsync();
        Assert.Contains(mirror.Events, e => e.StartsWith("missing mirror: mirror is empty", StringComparison.Ordinal));
        mirror.Other.IsUnmounted = false;
        mirror.Other.Replace();
        mirror.Rebuild = true;
        await mirror.Mirror.DisposeAsync();
        await mirror.OpenWholeAsync();
        await mirror.AssertSidesAreEqualAsync();
    }

    [Fact]
    public async Task While_the_leading_metadata_is_damaged_nothing_is_overwritten_with_it()
    {
        await using TestMirror mirror = await LostAsync();
        mirror.Data.HasRot = true;
        TestImage before = await mirror.Other.ImageAsync();
        Task failed = mirror.WhenAsync("fill failed mirror: the metadata of data is damaged");
        mirror.Mirror.Retry();
        await failed;
        TestImage after = await mirror.Other.ImageAsync();
        Assert.Equal(before.Mark, after.Mark);
        Assert.Equal(before.Rows.Select(static row => Convert.ToHexString(row.Value)), after.Rows.Select(static row => Convert.ToHexString(row.Value)));
        mirror.Data.HasRot = false;
        await mirror.RefillAsync();
        await mirror.AssertSidesAreEqualAsync();
    }

    [Fact]
    public async Task The_last_copy_of_a_blob_that_the_leading_side_has_lost_survives_a_fill_and_heals_it()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId missing = mirror.NewBlob(), damaged = mirror.NewBlob(), cut = mirror.NewBlob();
        foreach (BlobId blob in (BlobId[])[missing, damaged, cut])
        {
            await mirror.WriteSealedAsync(blob, [1, 2, 3]);
        }

        mirror.Other.Broken = new IOException("gone");
        await mirror.PutAsync("lost", "1");
        await mirror.Data.SetAsync(missing, null);
        await mirror.Data.SetAsync(damaged, [1, 2, 4, .. TestMirror.Sealed(damaged, [1, 2, 3])[3..]]);
        await mirror.Data.SetAsync(cut, TestMirror.Sealed(cut, [1, 2, 3])[..^1]);
        mirror.Other.Broken = null;
        await mirror.RefillAsync();
        Assert.Contains($"healed data {cut}", mirror.Events);
        var listed = new HashSet<BlobId>();
        await foreach (BlobInfo info in mirror.Mirror.Blobs.ListAsync(default))
        {
            listed.Add(info.Id);
        }

        Assert.Contains(missing, listed);
        foreach (BlobId blob in (BlobId[])[missing, damaged, cut])
        {
            Task healed = mirror.WhenAsync($"healed data {blob}");
            Assert.Equal([1, 2, 3], await mirror.ReadSealedAsync(blob, 3));
            await (blob == cut ? Task.CompletedTask : healed.WaitAsync(TimeSpan.FromMinutes(1)));
        }

        await mirror.AssertSidesAreEqualAsync();
        Assert.True(mirror.IsWhole);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_row_that_suspects_the_copy_of_another_side_or_of_another_time_harms_no_good_copy(bool isOfThatSide)
    {
        await using TestMirror mirror = await LostAsync();
        BlobId damaged = mirror.NewBlob(), bare = mirror.NewBlob();
        await mirror.Data.SetAsync(damaged, [1, 2, 4, .. TestMirror.Sealed(damaged, [1, 2, 3])[3..]]);
        await mirror.Other.SetAsync(damaged, [7, 2, 3, .. TestMirror.Sealed(damaged, [1, 2, 3])[3..]]);
        mirror.Data.Files.AddBare(bare, "rotten"u8);
        mirror.Other.Files.AddBare(bare, "good  "u8);
        ulong side = isOfThatSide ? mirror.Other.Mark!.Side : mirror.Data.Mark!.Side;
        foreach (BlobId blob in (BlobId[])[damaged, bare])
        {
            await mirror.Mirror.NoteAsync(Tarn.Core.Records.Tables.MirrorSuspectKey(blob.Value, side));
        }

        await mirror.RefillAsync();
        Dictionary<BlobId, string> blobs = await mirror.Other.AllBlobsAsync();
        Assert.StartsWith("07", blobs[damaged], StringComparison.Ordinal);

        // Nothing verifies it, and the row says that it is the worse one.
        Assert.Equal("bare " + Convert.ToHexString(isOfThatSide ? "rotten"u8 : "good  "u8), blobs[bare]);
        Assert.Empty(await mirror.Data.Rows.ScanAsync(Tarn.Core.Records.Tables.MirrorSuspectPrefix, Tarn.Core.Records.Tables.MirrorDeletedPrefix, 9, false, default));
    }

    [Fact]
    public async Task What_was_deleted_is_not_brought_back_by_a_suspicion()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = mirror.NewBlob();

        // It is whole there, whatever the device says.
        mirror.Other.AfterChange = static what => what == "blob commit" ? throw new IOException("gone") : Task.CompletedTask;
        await mirror.WriteSealedAsync(blob, [1, 2, 3]);
        mirror.Other.AfterChange = null;
        Assert.Single(await mirror.Other.AllBlobsAsync());
        await mirror.Mirror.Blobs.DeleteAsync(blob, default);
        await mirror.RefillAsync();
        Assert.Empty(await mirror.Data.AllBlobsAsync());
        Assert.Empty(await mirror.Other.AllBlobsAsync());
    }

    [Fact]
    public async Task A_blob_that_cannot_be_copied_to_a_side_that_counts_by_now_is_not_answered()
    {
        await using TestMirror mirror = await LostAsync();
        BlobId blob = mirror.NewBlob();
        await using IBlobWriter writer = await BeginAsync(mirror, blob);
        await mirror.RefillAsync();
        mirror.Data.AfterChange = what =>
        {
            if (what == "blob commit")
            {
                _ = mirror.Data.BadSectors.Add(blob);
            }

            return Task.CompletedTask;
        };
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await writer.CommitAsync(default);
        });
        Assert.True(mirror.IsWhole);
    }

    [Fact]
    public async Task A_side_does_not_count_without_a_blob_that_was_answered_during_its_fill()
    {
        await using TestMirror mirror = await LostAsync();
        BlobId blob = mirror.NewBlob();
        await using IBlobWriter writer = await BeginAsync(mirror, blob);
        var reached = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        int commits = 0;
        mirror.Data.BeforeChange = async what =>
        {
            // The last step of the fill: all blobs were listed.
            if (what == "commit" && Interlocked.Increment(ref commits) == 1)
            {
                reached.SetResult();
                await goOn.Task;
            }
        };
        Task failed = mirror.WhenAsync("fill failed mirror: The blob");
        mirror.Mirror.Retry();
        await reached.Task;
        await writer.CommitAsync(default);
        mirror.Data.BadSectors.Add(blob);
        goOn.SetResult();
        await failed.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.False(mirror.IsWhole);
        mirror.Data.BadSectors.Clear();
        await mirror.RefillAsync();
        await mirror.AssertSidesAreEqualAsync();
    }

    [Fact]
    public async Task A_blob_that_cannot_be_read_while_a_side_is_filled_is_counted()
    {
        await using TestMirror mirror = await LostAsync();
        BlobId blob = await mirror.WriteAsync("content");
        mirror.Data.BadSectors.Add(blob);
        await mirror.RefillAsync();
        Assert.Equal(1, mirror.LastFill.NotCopied);
        Assert.True(mirror.IsWhole);
    }

    [Theory]
    [InlineData("alone")]
    [InlineData("store")]
    [InlineData("unmounted")]
    public async Task A_side_that_changes_while_the_other_is_verified_or_it_is_taken_is_looked_at_again(string change)
    {
        foreach (bool atEnter in (bool[])[false, true])
        {
            await using TestMirror mirror = await LostAsync();
            mirror.Data.Store = mirror.Other.Store = "one";
            MirrorMark before = mirror.Other.Mark!;
            Action act = () =>
            {
                switch (change)
                {
                    case "alone":
                        mirror.Other.Put(before with { Epoch = 9, Standing = MirrorStanding.Alone });
                        break;
                    case "store":
                        mirror.Other.Store = "another";
                        break;
                    default:
                        mirror.Other.IsUnmounted = true;
                        break;
                }
            };
            mirror.Other.BeforeEnter = atEnter ? act : null;
            mirror.Data.WhileVerified = atEnter ? null : act;
            Task failed = mirror.WhenAsync("fill failed mirror");
            mirror.Mirror.Retry();
            await failed.WaitAsync(TimeSpan.FromMinutes(1));
            Assert.NotEqual(MirrorStanding.Stale, mirror.Other.Mark!.Standing);
            Assert.False(mirror.Other.IsEntered);
        }
    }

    [Fact]
    public async Task Rows_that_only_the_filled_side_has_are_removed_in_several_groups()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        mirror.Other.Broken = new IOException("gone");
        await mirror.PutAsync("a", "1");
        var batch = new KeyValueBatch();
        for (int i = 0; i < 10_000; i++)
        {
            batch.Put(TestMirror.Bytes($"old {i}"), [1]);
        }

        await mirror.Other.Rows.CommitAsync(batch, default);
        int commits = 0;
        mirror.Other.AfterChange = what =>
        {
            commits += what == "commit" ? 1 : 0;
            return Task.CompletedTask;
        };
        mirror.Other.Broken = null;
        await mirror.RefillAsync();
        await mirror.AssertSidesAreEqualAsync();

        // And one with which the side begins to count.
        Assert.Equal(4, commits);
    }

    [Fact]
    public async Task An_empty_place_without_a_mark_is_filled_once_for_one_start()
    {
        await using var mirror = new TestMirror { Rebuild = true };
        await mirror.OpenWholeAsync();
        mirror.Other.Broken = new IOException("gone");
        await mirror.PutAsync("a", "1");
        mirror.Other.Broken = null;
        mirror.Other.Replace();
        Task failed = mirror.WhenAsync("fill failed");
        mirror.Mirror.Retry();
        await failed.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("--mirror-rebuild", mirror.Events[^1], StringComparison.Ordinal);
        Assert.Null(mirror.Other.Mark);
    }

    [Fact]
    public async Task Metadata_that_a_verification_finds_damaged_on_one_side_is_filled_again_from_the_other()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        await mirror.PutAsync("a", "1");
        mirror.Data.HasRot = true;
        Assert.Empty((await ((IVerifiableStore)mirror.Mirror.Metadata).VerifyAsync(null, default)).Damage);
        Assert.Contains("lost data: 1.sst: a bit", mirror.Events);
        await mirror.RefillAsync();
        mirror.Data.HasRot = mirror.Other.HasRot = true;
        Assert.Equal(2, (await ((IVerifiableStore)mirror.Mirror.Metadata).VerifyAsync(null, default)).Damage.Count);
        Assert.True(mirror.IsWhole);
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
