using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Scrubbing;
using Tarn.Tests.Damage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Scrubbing;

/// <summary>Blobs and rows of builds before checksums: right ones get checksums, wrong ones are listed, and what nobody knows stays.</summary>
public sealed class BareBlobTests
{
    private const int Size = 3 * BlobLayout.BlockSize + 5;

    private readonly DamagedStore _store = new();

    private static CancellationToken Token => DamagedStore.Token;

    private ScrubCounts Counts => _store.Store.Scrub.Status.Last!.Counts;

    [Fact]
    public async Task A_right_blob_gets_checksums_says_what_it_is_and_is_verified_from_then_on()
    {
        StoredObject stored = await _store.PutOldAsync("key", StoreFixture.Bytes(Size));
        BlobId blob = DamagedStore.BlobOf(stored);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((1L, 0L, 0L), (Counts.Sealed, Counts.Damaged, Counts.NotVerifiable));
        Assert.False((await _store.Device.FindAsync(blob, Token))!.Value.IsBare);
        await using (IBlobReader reader = (await _store.Device.OpenAsync(blob, Token))!)
        {
            BlobFooter footer = BlobFooter.Decode((await BlobFooterReader.ReadAsync(blob, reader, Token))!);
            Assert.Equal(("bucket", "key", "owner"), (footer.BucketName, footer.Key.ToString(), footer.OwnerId));
            Assert.Equal(stored.ETag.ToMd5(), footer.Md5);
        }

        Assert.Equal(StoreFixture.Bytes(Size), await _store.ReadAsync("key"));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((0L, 0L, (long)Size), (Counts.Sealed, Counts.Damaged, Counts.Bytes));
        await _store.FlipAsync(stored, 7);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal("key", Assert.Single(await _store.ListAsync()).Key.ToString());
    }

    [Fact]
    public async Task A_wrong_blob_is_listed_and_stays_as_it_is()
    {
        byte[] damaged = StoreFixture.Bytes(Size);
        damaged[BlobLayout.BlockSize] ^= 1;
        StoredObject stored = await _store.PutOldAsync("key", StoreFixture.Bytes(Size), damaged);
        for (int pass = 0; pass < 2; pass++)
        {
            await _store.Store.Scrub.RunOnceAsync(Token);
            Assert.Equal((0L, 1L), (Counts.Sealed, Counts.Damaged));
            Assert.Equal("key", Assert.Single(await _store.ListAsync()).Key.ToString());
        }

        Assert.True((await _store.Device.FindAsync(DamagedStore.BlobOf(stored), Token))!.Value.IsBare);
    }

    [Fact]
    public async Task A_row_without_a_checksum_is_compared_with_what_its_record_knows()
    {
        await _store.PutOldAsync("right", StoreFixture.Bytes(50));
        await _store.PutOldAsync("wrong", StoreFixture.Bytes(50), StoreFixture.Bytes(50, 1));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal("wrong", Assert.Single(await _store.ListAsync()).Key.ToString());
        Assert.Equal(StoreFixture.Bytes(50), await _store.ReadAsync("right"));
    }

    [Fact]
    public async Task A_blob_of_which_only_a_range_is_held_is_not_verifiable_and_stays_bare()
    {
        StoredObject stored = await _store.PutOldAsync("key", StoreFixture.Bytes(Size));
        Extent whole = Assert.IsType<ObjectData.Extents>(stored.Record.Data).List[0];
        var part = stored.Record with { Size = 100, Data = new ObjectData.Extents([whole with { Length = 100 }]) };
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(stored.Row, part.Encode()), Token));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((0L, 0L, 1L), (Counts.Sealed, Counts.Damaged, Counts.NotVerifiable));
        Assert.True((await _store.Device.FindAsync(whole.Blob, Token))!.Value.IsBare);
    }
}
