using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Mirroring;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Scrubbing;
using Tarn.Core.Storage;
using Tarn.TestKit.Stores;
using Tarn.Tests.Damage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Mirroring;

/// <summary>A scrub over a mirror: damage on either side is found and healed, and what nothing refers to is set aside on both.</summary>
public sealed class MirrorScrubTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(100));
    private readonly SeededRandomSource _random = new(5);
    private TestMirror _mirror = null!;
    private ObjectStore _store = null!;
    private Bucket _bucket = null!;

    private static CancellationToken Token => DamagedStore.Token;

    public async ValueTask InitializeAsync()
    {
        _mirror = await TestMirror.CreateAsync();
        _store = new ObjectStore(_mirror.Mirror.Metadata, _mirror.Mirror.Blobs, _clock, _random, new ObjectStoreOptions
        {
            InlineLimit = 10,
            Scrub = new() { BytesPerSecond = long.MaxValue >> 1, ReadsPerSecond = int.MaxValue, RetryDelay = TimeSpan.Zero, OrphanPause = TimeSpan.Zero, SaveInterval = TimeSpan.Zero },
        });
        _bucket = (await _store.Buckets.CreateAsync(StoreFixture.Name("bucket"), "owner", "Owner", "us-east-1", Token))!;
    }

    public ValueTask DisposeAsync() => _mirror.DisposeAsync();

    [Theory]
    [InlineData(0, "flipped")]
    [InlineData(0, "cut")]
    [InlineData(0, "missing")]
    [InlineData(0, "unreadable")]
    [InlineData(1, "flipped")]
    [InlineData(1, "cut")]
    [InlineData(1, "missing")]
    [InlineData(1, "unreadable")]
    public async Task Damage_on_either_side_is_healed_and_counted(int side, string damage)
    {
        BlobId blob = await PutAsync("damaged");
        await PutAsync("right");
        byte[] stored = Convert.FromHexString((await _mirror[side].AllBlobsAsync())[blob]);
        switch (damage)
        {
            case "unreadable":
                _mirror[side].BadSectors.Add(blob);
                break;
            default:
                byte[] flipped = [.. stored];
                flipped[7] ^= 1;
                await _mirror[side].SetAsync(blob, damage == "flipped" ? flipped : damage == "cut" ? stored[..100] : null);
                break;
        }

        await _store.Scrub.RunOnceAsync(Token);
        ScrubCounts counts = _store.Scrub.Status.Last!.Counts;
        Assert.Equal((2L, 1L, 0L, 0L), (counts.Objects, counts.Repaired, counts.Damaged, counts.Failures));
        Assert.Equal(0, _store.Damage.Count);
        Assert.DoesNotContain(blob, _mirror[side].BadSectors);
        Assert.Equal(Convert.ToHexString(stored), (await _mirror[side].AllBlobsAsync())[blob]);
        await _mirror.AssertSidesAreEqualAsync();
        Assert.Equal([$"healed {_mirror[side].Name} {blob}"], _mirror.Events.Where(static e => e.StartsWith("heal", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Damage_on_both_sides_is_on_the_list()
    {
        BlobId blob = await PutAsync("damaged");
        foreach (int side in new[] { 0, 1 })
        {
            byte[] flipped = Convert.FromHexString((await _mirror[side].AllBlobsAsync())[blob]);
            flipped[7] ^= 1;
            await _mirror[side].SetAsync(blob, flipped);
        }

        await _store.Scrub.RunOnceAsync(Token);
        ScrubCounts counts = _store.Scrub.Status.Last!.Counts;
        Assert.Equal((0L, 1L, 1L), (counts.Repaired, counts.Damaged, counts.Failures));
        Assert.Equal(1, _store.Damage.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task What_one_side_cannot_read_and_the_other_has_wrong_is_on_the_list(int unreadable)
    {
        BlobId blob = await PutAsync("damaged");
        byte[] flipped = Convert.FromHexString((await _mirror[1 - unreadable].AllBlobsAsync())[blob]);
        flipped[7] ^= 1;
        await _mirror[1 - unreadable].SetAsync(blob, flipped);
        _mirror[unreadable].BadSectors.Add(blob);
        await _store.Scrub.RunOnceAsync(Token);
        Assert.Equal((1L, 1), (_store.Scrub.Status.Last!.Counts.Damaged, _store.Damage.Count));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_copy_that_lacks_its_checksums_gets_those_of_the_other(int bare)
    {
        BlobId blob = await PutAsync("old");
        byte[] stored = Convert.FromHexString((await _mirror[bare].AllBlobsAsync())[blob]);
        await _mirror[bare].Files.DeleteAsync(blob, Token);
        _mirror[bare].Files.AddBare(blob, stored.AsSpan(0, 5000));
        await _store.Scrub.RunOnceAsync(Token);
        Assert.Equal((0L, 0), (_store.Scrub.Status.Last!.Counts.Failures, _store.Damage.Count));
        await _mirror.AssertSidesAreEqualAsync();
    }

    [Fact]
    public async Task What_only_memory_has_right_is_written_anew_on_both_sides()
    {
        BlobId blob = await PutAsync("damaged");
        string stored = (await _mirror.Data.AllBlobsAsync())[blob];
        foreach (int side in new[] { 0, 1 })
        {
            _mirror[side].FlippedOnDevice.Add(blob);
        }

        await _store.Scrub.RunOnceAsync(Token);
        ScrubCounts counts = _store.Scrub.Status.Last!.Counts;
        Assert.Equal((1L, 0L, 0L), (counts.Rewritten, counts.Damaged, counts.Failures));
        Assert.Equal(0, _store.Damage.Count);
        foreach (int side in new[] { 0, 1 })
        {
            Assert.DoesNotContain(blob, _mirror[side].FlippedOnDevice);
            Assert.Equal(stored, (await _mirror[side].AllBlobsAsync())[blob]);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task What_nothing_refers_to_is_set_aside_and_dropped_on_both_sides(int? lost)
    {
        BlobId orphan = _mirror.NewBlob();
        await _mirror.WriteSealedAsync(orphan, [1, 2, 3]);
        await LoseAsync(lost);
        _clock.Advance(TimeSpan.FromDays(30));
        await _store.Scrub.RunOnceAsync(Token);
        await ReturnAsync(lost);
        Assert.Equal(orphan, Assert.Single(await _store.Orphans.ListAsync(null, 10, Token)).Id);
        await AssertAsideAsync(orphan, isAside: true);
        await LoseAsync(lost);
        await _store.Orphans.Drops.BeginAsync(orphan, Token);
        await _store.Orphans.Drops.RunOnceAsync(Token);
        Assert.Equal((OrphanDropState.Done, 1), (_store.Orphans.Drops.Last!.State, _store.Orphans.Drops.Last.Dropped.Blobs));
        await ReturnAsync(lost);
        await AssertAsideAsync(orphan, isAside: false);
        Assert.Empty(await _store.Orphans.ListAsync(null, 10, Token));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task What_was_set_aside_is_brought_back_on_both_sides(int? lost)
    {
        BlobId blob = await PutAsync("needed");
        var aside = (ISetAsideStore)_mirror.Mirror.Blobs;
        Assert.True(await aside.SetAsideAsync(blob, Token));
        await AssertAsideAsync(blob, isAside: true);
        await LoseAsync(lost);
        await _store.Scrub.RunOnceAsync(Token);
        await ReturnAsync(lost);
        Assert.Equal(1, _store.Scrub.Status.Last!.Counts.BroughtBack);
        foreach (int side in new[] { 0, 1 })
        {
            Assert.NotNull(await _mirror[side].Files.FindAsync(blob, Token));
            Assert.Null(await _mirror[side].Files.OpenAsideAsync(blob, Token));
        }
    }

    [Fact]
    public async Task A_new_disk_gets_what_was_set_aside()
    {
        BlobId orphan = _mirror.NewBlob();
        await _mirror.WriteSealedAsync(orphan, [1, 2, 3]);
        Assert.True(await ((ISetAsideStore)_mirror.Mirror.Blobs).SetAsideAsync(orphan, Token));
        _mirror.Rebuild = true;
        await _mirror.Mirror.DisposeAsync();
        _mirror.AcceptStale = MirrorStale.Of(_mirror.Data.Mark!);
        _mirror.Other.Replace();
        await _mirror.OpenWholeAsync();
        await AssertAsideAsync(orphan, isAside: true);
        Assert.NotNull(_mirror.Data.KeptBecause);
    }

    private async Task<BlobId> PutAsync(string key) => DamagedStore.BlobOf(await _store.Writer.PutAsync(
        _bucket, StoreFixture.Key(key), "owner", ObjectMetadata.Empty, new TestBody(StoreFixture.Bytes(5000)), new IngestRequest(), WriteCondition.None, Token));

    private async Task LoseAsync(int? side)
    {
        if (side is { } lost)
        {
            _mirror[lost].Broken = new IOException("gone");
            await _mirror.PutAsync("a", "1");
        }
    }

    private async Task ReturnAsync(int? side)
    {
        if (side is { } lost)
        {
            _mirror[lost].Broken = null;
            await _mirror.RefillAsync();
        }
    }

    private async Task AssertAsideAsync(BlobId blob, bool isAside)
    {
        foreach (int side in new[] { 0, 1 })
        {
            await using IBlobReader? aside = await _mirror[side].Files.OpenAsideAsync(blob, Token);
            Assert.Equal(isAside, aside is not null);
            Assert.Null(await _mirror[side].Files.FindAsync(blob, Token));
        }
    }
}
