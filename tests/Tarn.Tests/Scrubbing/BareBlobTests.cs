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
            BlobFooter footer = BlobFooter.Decode((await BlobEnd.ReadAsync(blob, reader, onDevice: false, Token)).End!.Footer);
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_blob_to_which_bytes_were_appended_is_listed_and_stays_as_it_is(bool isFlipped)
    {
        byte[] bytes = [.. StoreFixture.Bytes(Size), 0];
        bytes[7] ^= isFlipped ? (byte)1 : (byte)0;
        StoredObject stored = await _store.PutOldAsync("key", StoreFixture.Bytes(Size), bytes);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((0L, 1L, 0L), (Counts.Sealed, Counts.Damaged, Counts.NotVerifiable));
        Assert.Equal("key", Assert.Single(await _store.ListAsync()).Key.ToString());
        Assert.True((await _store.Device.FindAsync(DamagedStore.BlobOf(stored), Token))!.Value.IsBare);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_range_is_compared_with_what_its_record_knows_and_the_blob_stays_bare(bool isRight)
    {
        byte[] whole = StoreFixture.Bytes(Size), range = whole[10..110];
        range[5] ^= isRight ? (byte)0 : (byte)1;
        StoredObject old = await _store.PutOldAsync("old", StoreFixture.Bytes(Size), whole);
        StoredObject made = await _store.PutOldAsync("made", [.. range, .. new byte[DamagedStore.InlineLimit]]);
        Extent extent = Assert.IsType<ObjectData.Extents>(old.Record.Data).List[0] with { Offset = 10, Length = 100 };
        ObjectRecord record = (await _store.PutAsync("like", range)).Record with { Data = new ObjectData.Extents([extent]) };
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(made.Row, record.Encode()).Delete(old.Row), Token));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((0L, isRight ? 0L : 1L, 0L), (Counts.Sealed, Counts.Damaged, Counts.NotVerifiable));
        Assert.True((await _store.Device.FindAsync(DamagedStore.BlobOf(old), Token))!.Value.IsBare);
    }

    [Fact]
    public async Task A_blob_of_which_no_record_knows_what_is_held_is_not_verifiable_once_and_stays_bare()
    {
        StoredObject stored = await _store.PutOldAsync("key", StoreFixture.Bytes(Size));
        StoredObject other = await _store.PutOldAsync("other", StoreFixture.Bytes(Size));
        Extent whole = Assert.IsType<ObjectData.Extents>(stored.Record.Data).List[0];
        var parts = stored.Record with { Size = 200, Data = new ObjectData.Extents([whole with { Length = 100 }, whole with { Offset = 100, Length = 100 }]) };
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(stored.Row, parts.Encode()).Put(other.Row, parts.Encode()), Token));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((0L, 0L, 1L), (Counts.Sealed, Counts.Damaged, Counts.NotVerifiable));
        Assert.True((await _store.Device.FindAsync(whole.Blob, Token))!.Value.IsBare);
    }
}
