using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;

namespace Tarn.Tests.Mirroring;

/// <content>Sides that are empty, went on alone, or have damage or loss.</content>
public sealed partial class MirrorFillTests
{
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
}
