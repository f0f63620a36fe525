using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Core.Scrubbing;
using Tarn.Core.Storage;
using Tarn.TestKit.Stores;
using Tarn.Tests.Damage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Mirroring;

/// <summary>A scrub over a mirror: damage on either side is found and healed, and what nothing refers to is set aside on both.</summary>
public sealed class MirrorScrubTests : IAsyncLifetime
{
    private const int Block = BlobLayout.BlockSize;

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
    [InlineData(0, "footer")]
    [InlineData(1, "footer")]
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
                flipped[damage == "footer" ? ^(BlobLayout.TrailerSize + 1) : 7] ^= 1;
                await _mirror[side].SetAsync(blob, damage is "flipped" or "footer" ? flipped : damage == "cut" ? stored[..100] : null);
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

    // Damage of the two sides: a byte of the first, second or third block, of its entry in the table, of the footer or of the trailer, flipped or not to be read, or all from there on cut off.
    public static TheoryData<string, string> DifferentPlaces()
    {
        var places = new TheoryData<string, string>();
        foreach (string first in new[] { "flip 7", "flip third", "flip table 0", "flip footer", "flip trailer", "bad 7", "bad table 0", "bad trailer", "cut third" })
        {
            foreach (string second in new[] { "flip second", "flip table 1", "bad second", "flip 7" })
            {
                // Then neither copy has the block, or its checksum.
                bool isLost = first.EndsWith(" 7", StringComparison.Ordinal) ? second == "flip 7"
                    : second == "flip table 1" && (first is "flip trailer" or "bad trailer" or "bad table 0" or "cut third");
                if (!isLost)
                {
                    places.Add(first, second);
                }
            }
        }

        return places;
    }

    [Theory]
    [MemberData(nameof(DifferentPlaces))]
    public async Task Copies_that_are_damaged_in_different_places_are_read_and_made_whole(string first, string second)
    {
        foreach (int side in new[] { 0, 1 })
        {
            string key = $"damaged {side}";
            byte[] content = new byte[(2 * Block) + 5000];
            new Random(side).NextBytes(content);
            BlobId blob = await PutAsync(key, content);
            byte[] stored = Convert.FromHexString((await _mirror[0].AllBlobsAsync())[blob]);
            await HarmAsync(side, blob, stored, first);
            await HarmAsync(1 - side, blob, stored, second);
            Assert.Equal(content, await ReadAsync(key, 0, content.Length));
            Assert.Equal(content, await ReadAsync(key, 0, content.Length));
            Assert.Equal(content[5..^5], await ReadAsync(key, 5, content.Length - 10));
            await _store.Scrub.RunOnceAsync(Token);
            ScrubCounts counts = _store.Scrub.Status.Last!.Counts;
            Assert.Equal((1L, 0L, 0L), (counts.Repaired, counts.Damaged, counts.Failures));
            Assert.Equal(0, _store.Damage.Count);
            Assert.Equal(Convert.ToHexString(stored), (await _mirror[0].AllBlobsAsync())[blob]);
            Assert.Empty(_mirror[0].BadBytes.Concat(_mirror[1].BadBytes));
            Assert.Contains($"healed {_mirror[0].Name} {blob}", _mirror.Events);
            Assert.Contains($"healed {_mirror[1].Name} {blob}", _mirror.Events);
            await _mirror.AssertSidesAreEqualAsync();
        }
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

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task A_wrong_row_of_a_small_object_on_either_side_is_filled_again(int side, bool isMissing)
    {
        StoredObject small = await _store.Writer.PutAsync(
            _bucket, StoreFixture.Key("small"), "owner", ObjectMetadata.Empty, new TestBody([1, 2, 3]), new IngestRequest(), WriteCondition.None, Token);
        byte[] row = Tables.InlineDataKey(Assert.IsType<ObjectData.Inline>(small.Record.Data).Row);
        byte[] value = (await _mirror[side].Rows.GetAsync(row, Token))!;
        byte[] wrong = [.. value];
        wrong[0] ^= 1;
        await _mirror[side].Rows.CommitAsync(isMissing ? new KeyValueBatch().Delete(row) : new KeyValueBatch().Put(row, wrong), Token);
        Task filled = _mirror.WhenAsync("filled");
        await _store.Scrub.RunOnceAsync(Token);
        _mirror.Mirror.Retry();
        await filled;
        Assert.Equal((0L, 0), (_store.Scrub.Status.Last!.Counts.Damaged, _store.Damage.Count));
        Assert.Equal(value, await _mirror[side].Rows.GetAsync(row, Token));
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

    private Task<BlobId> PutAsync(string key) => PutAsync(key, StoreFixture.Bytes(5000));

    private async Task<BlobId> PutAsync(string key, byte[] content) => DamagedStore.BlobOf(await _store.Writer.PutAsync(
        _bucket, StoreFixture.Key(key), "owner", ObjectMetadata.Empty, new TestBody(content), new IngestRequest(), WriteCondition.None, Token));

    private async Task HarmAsync(int side, BlobId blob, byte[] stored, string harm)
    {
        int payload = (2 * Block) + 5000;
        string[] words = harm.Split(' ', 2);
        int at = words[1] switch
        {
            "7" => 7,
            "second" => Block + 7,
            "third" => (2 * Block) + 7,
            "table 0" => payload + 3,
            "table 1" => payload + 8 + 3,
            "footer" => stored.Length - BlobLayout.TrailerSize - 6,
            _ => stored.Length - 6,
        };
        byte[] changed = words[0] == "cut" ? stored[..at] : [.. stored];
        if (words[0] == "flip")
        {
            changed[at] ^= 1;
        }

        await _mirror[side].SetAsync(blob, changed);
        if (words[0] == "bad")
        {
            _mirror[side].BadBytes[blob] = at;
        }
    }

    private async Task<byte[]> ReadAsync(string key, long offset, long length) =>
        await StoreFixture.ReadAsync((await _store.Reader.OpenAsync(_bucket, StoreFixture.Key(key), null, Token)).Content!, offset, length);

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
