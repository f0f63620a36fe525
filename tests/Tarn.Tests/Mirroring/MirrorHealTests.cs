using Tarn.Core.Blobs;

namespace Tarn.Tests.Mirroring;

/// <summary>A copy of a blob that is damaged is rewritten from the other side.</summary>
public sealed class MirrorHealTests
{
    [Fact]
    public async Task A_blob_that_is_missing_on_the_leading_side_is_read_from_the_other_and_copied_back()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = await mirror.WriteAsync("content");
        await mirror.Data.Files.DeleteAsync(blob, default);
        Task healed = mirror.WhenAsync("healed data");
        Assert.NotNull(await mirror.Mirror.Blobs.FindAsync(blob, default));
        Assert.Equal("content", await mirror.ReadAsync(blob));
        await healed;
        await mirror.AssertSidesAreEqualAsync();
    }

    [Fact]
    public async Task A_read_that_fails_goes_on_with_the_other_copy_and_heals_the_first()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = mirror.NewBlob();
        await mirror.WriteSealedAsync(blob, "content"u8.ToArray());
        await using IBlobReader reader = (await mirror.Mirror.Blobs.OpenAsync(blob, default))!;
        byte[] bytes = new byte[7];
        Assert.Equal(3, await reader.ReadAsync(0, bytes.AsMemory(0, 3), default));
        Task healed = mirror.WhenAsync("healed data");
        mirror.Data.BadSectors.Add(blob);
        Assert.Equal(4, await reader.ReadAsync(3, bytes.AsMemory(3), default));
        Assert.Equal("content"u8.ToArray(), bytes);
        await healed;
        Assert.Empty(mirror.Data.BadSectors);
        Assert.True(mirror.IsWhole);
    }

    [Fact]
    public async Task A_read_that_fails_on_both_sides_fails()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = await mirror.WriteAsync("content");
        mirror.Data.BadSectors.Add(blob);
        mirror.Other.BadSectors.Add(blob);
        Task failed = mirror.WhenAsync("heal failed data");
        await Assert.ThrowsAsync<IOException>(() => mirror.ReadAsync(blob));
        await failed;
        Assert.True(mirror.IsWhole);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_repair_rewrites_the_copy_that_is_not_whole(int damaged)
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = await WriteSealedAsync(mirror);
        await DamageAsync(mirror[damaged], blob);
        Assert.True(await RepairAsync(mirror, blob));
        Assert.Contains($"healed {mirror[damaged].Name} {blob}", mirror.Events);
        await mirror.AssertSidesAreEqualAsync();
        Assert.Equal("content"u8.ToArray(), await mirror.ReadSealedAsync(blob, 7));
        Assert.True(await RepairAsync(mirror, blob));
        Assert.Single(mirror.Events, e => e.StartsWith("healed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_whole_copy_a_repair_changes_nothing()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = await WriteSealedAsync(mirror);
        await DamageAsync(mirror.Data, blob);
        await DamageAsync(mirror.Other, blob);
        Dictionary<BlobId, string> before = await mirror.Data.AllBlobsAsync();
        Assert.False(await RepairAsync(mirror, blob));
        Assert.False(await RepairAsync(mirror, mirror.NewBlob()));
        Assert.Equal(before, await mirror.Data.AllBlobsAsync());
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public async Task A_copy_that_cannot_be_read_at_the_moment_is_replaced_by_a_whole_one_only(int damaged, bool isBare)
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = mirror.NewBlob();
        await mirror.WriteSealedAsync(blob, [1, 2, 3]);
        await mirror[damaged].SetAsync(blob, null);
        if (isBare)
        {
            mirror[damaged].Files.AddBare(blob, [1, 2, 4]);
        }
        else
        {
            await mirror[damaged].SetAsync(blob, [1, 2, 4, .. TestMirror.Sealed(blob, [1, 2, 3])[3..]]);
        }

        // The good copy, for a moment.
        mirror[1 - damaged].BadSectors.Add(blob);
        await RepairAsync(mirror, blob);
        Assert.Contains(blob, mirror[1 - damaged].BadSectors);
        mirror[1 - damaged].BadSectors.Clear();
        Assert.True(await RepairAsync(mirror, blob));
        Assert.Equal([1, 2, 3], await mirror.ReadSealedAsync(blob, 3));
        await mirror.AssertSidesAreEqualAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_copy_that_is_wrong_when_it_is_copied_replaces_nothing(int damaged)
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = mirror.NewBlob();
        byte[] stored = TestMirror.Sealed(blob, [1, 2, 3]);
        await mirror.WriteSealedAsync(blob, [1, 2, 3]);
        byte[] wrong = [1, 7, .. stored[2..]];
        await mirror[damaged].SetAsync(blob, wrong);
        mirror[damaged].BeforeChange = what =>
        {
            // It was right when the two were compared.
            if (what == "blob create")
            {
                mirror[1 - damaged].Flipped.Add(blob);
            }

            return Task.CompletedTask;
        };
        await RepairAsync(mirror, blob);
        Assert.Equal(Convert.ToHexString(wrong), (await mirror[damaged].AllBlobsAsync())[blob]);
        Assert.Contains($"heal failed {mirror[damaged].Name} {blob}", mirror.Events);
        mirror[damaged].BeforeChange = null;
        mirror[1 - damaged].Flipped.Clear();
        Assert.True(await RepairAsync(mirror, blob));
        await mirror.AssertSidesAreEqualAsync();
        Assert.True(mirror.IsWhole);
    }

    [Fact]
    public async Task A_side_on_which_a_copy_cannot_be_rewritten_is_lost()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = await WriteSealedAsync(mirror);
        await DamageAsync(mirror.Data, blob);
        mirror.Data.BeforeChange = static _ => throw new IOException("read-only");
        Assert.True(await RepairAsync(mirror, blob));
        Assert.Equal("content"u8.ToArray(), await mirror.ReadSealedAsync(blob, 7));
        Assert.Contains("lost data: read-only", mirror.Events);
    }

    [Fact]
    public async Task A_deletion_is_never_undone_by_a_copy_back()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        BlobId blob = await mirror.WriteAsync("content");
        var between = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        mirror.Other.BeforeChange = async what =>
        {
            if (what == "blob delete")
            {
                between.SetResult();
                await goOn.Task;
            }
        };
        Task delete = mirror.Mirror.Blobs.DeleteAsync(blob, default).AsTask();
        await between.Task;

        // The leading side has no blob any more, the other one still has it.
        Assert.Equal("content", await mirror.ReadAsync(blob));
        goOn.SetResult();
        await delete;
        await mirror.Mirror.DisposeAsync();
        Assert.Empty(await mirror.Data.AllBlobsAsync());
        Assert.Empty(await mirror.Other.AllBlobsAsync());
    }

    private static async Task<BlobId> WriteSealedAsync(TestMirror mirror)
    {
        BlobId blob = mirror.NewBlob();
        await mirror.WriteSealedAsync(blob, "content"u8.ToArray());
        return blob;
    }

    private static Task DamageAsync(TestSide side, BlobId blob) => side.SetAsync(blob, [.. "c0ntent"u8, .. TestMirror.Sealed(blob, "content"u8.ToArray())[7..]]);

    private static ValueTask<bool> RepairAsync(TestMirror mirror, BlobId blob) => ((IBlobRepair)mirror.Mirror.Blobs).RepairAsync(blob, default);
}
