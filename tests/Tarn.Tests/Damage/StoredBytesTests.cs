using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Damage;

/// <summary>What is stored along with the bytes of objects and parts, and what becomes of bytes that were stored without it.</summary>
public sealed class StoredBytesTests
{
    private const int Block = BlobLayout.BlockSize;

    private readonly DamagedStore _store = new();

    private static CancellationToken Token => DamagedStore.Token;

    public static TheoryData<ChecksumAlgorithm> Algorithms { get; } = new(ChecksumAlgorithms.All);

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task A_blob_says_what_it_is(ChecksumAlgorithm algorithm)
    {
        byte[] bytes = StoreFixture.Bytes((2 * Block) + 5);
        var metadata = new ObjectMetadata { ContentType = "a/b", User = [new("n", "v")], Tags = [new("t", "w")] };
        StoredObject stored = await _store.PutAsync("key", bytes, algorithm, metadata);
        (BlobTrailer trailer, BlobFooter footer) = Read(await _store.Device.OnDeviceAsync(DamagedStore.BlobOf(stored)));
        Assert.Equal((DamagedStore.BlobOf(stored), bytes.Length), (trailer.Id, (int)trailer.PayloadLength));
        Assert.Equal(Crc.Crc64Nvme.Of(bytes), trailer.PayloadCrc);
        Assert.Equal(((await _store.BucketAsync()).Id, "bucket", "key", "owner"), (footer.BucketId, footer.BucketName, footer.Key.ToString(), footer.OwnerId));
        Assert.Equal(stored.ETag.ToMd5(), footer.Md5);
        Assert.Equal(stored.Checksum, footer.Checksum);
        Assert.Equal(Timestamps.Microseconds(_store.Clock), footer.Written);
        Assert.Equal(("a/b", "v", 0), (footer.Metadata.ContentType, footer.Metadata.User[0].Value, footer.Metadata.Tags.Count));
        Assert.Null(footer.Upload);
        using StreamHasher hasher = StreamHasher.Create(algorithm);
        hasher.Append(bytes);
        byte[] expected = new byte[hasher.HashSize];
        hasher.Finish(expected);
        Assert.Equal(expected, stored.Checksum!.Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(Block)]
    public async Task The_blob_of_a_part_says_of_which_upload_it_is(int length)
    {
        var upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key("key"), "owner", "Owner", new ObjectMetadata { ContentType = "a/b" }, null, ChecksumType.FullObject, Token);
        await _store.Store.Parts.PutAsync(upload, 7, new TestBody(StoreFixture.Bytes(length)), new IngestRequest(), Token);
        byte[] row = (await _store.Memory.GetAsync(Tables.PartKey(upload.Id, 7), Token))!;
        Extent extent = PartRecord.Decode(row).Extents[0];
        byte[] blob = await _store.Device.OnDeviceAsync(extent.Blob);
        (_, BlobFooter footer) = Read(blob);
        Assert.Equal(blob.Length, extent.Stored);
        Assert.Equal((upload.Id, 7, "key", "a/b"), (footer.Upload!.Value, footer.PartNumber, footer.Key.ToString(), footer.Metadata.ContentType));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ChecksumAlgorithm.Sha256)]
    public async Task A_bit_that_flips_between_the_hash_and_the_write_is_accepted_and_never_served(ChecksumAlgorithm? algorithm)
    {
        foreach (int length in new[] { 1000, 3 * Block })
        {
            bool flipped = false;
            _store.Device.OnWrite = bytes =>
            {
                bytes[bytes.Length / 2] ^= (byte)(flipped ? 0 : 1);
                flipped = true;
                return bytes;
            };
            await _store.PutAsync("key", StoreFixture.Bytes(length), algorithm);
            _store.Device.OnWrite = null;
            Assert.Equal(DamageKind.Checksum, (await _store.ReadDamagedAsync("key")).Kind);
        }
    }

    [Theory]
    [InlineData(50)]
    [InlineData(3 * Block)]
    public async Task What_earlier_builds_stored_is_read_and_copied(int length)
    {
        byte[] bytes = StoreFixture.Bytes(length);
        await _store.PutOldAsync("old", bytes);
        Assert.Equal(bytes, await _store.ReadAsync("old"));
        await _store.CopyAsync("old", "copy");
        Assert.Equal(bytes, await _store.ReadAsync("copy"));
        await _store.CopyAsync("old", "hashed", ChecksumAlgorithm.Sha256);
        Assert.Equal(bytes, await _store.ReadAsync("hashed"));
        Assert.Equal(length <= DamagedStore.InlineLimit, (await _store.FindAsync("copy")).Record.Data is ObjectData.Inline { IsSealed: true });
        Assert.Empty(_store.Noticed);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(3 * Block)]
    public async Task Damage_of_what_earlier_builds_stored_gets_no_new_checksum(int length)
    {
        byte[] damaged = StoreFixture.Bytes(length);
        damaged[length / 2] ^= 1;
        await _store.PutOldAsync("old", StoreFixture.Bytes(length), damaged);
        await Assert.ThrowsAsync<DamagedDataException>(() => _store.CopyAsync("old", "hashed", ChecksumAlgorithm.Sha256));
        _store.Open();
        var upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key("parts"), "owner", "Owner", ObjectMetadata.Empty, null, ChecksumType.FullObject, Token);
        await Assert.ThrowsAsync<DamagedDataException>(
            async () => await _store.Store.Parts.CopyAsync(upload, 1, async () => await _store.FindAsync("old"), size => (0, size), Token));
        Assert.Single(await _store.ListAsync());
        if (length <= DamagedStore.InlineLimit)
        {
            await _store.Store.Damage.DropAsync(Assert.Single(await _store.ListAsync()).Data, Token);
            await Assert.ThrowsAsync<DamagedDataException>(() => _store.CopyAsync("old", "copy"));
            await _store.ReadDamagedAsync("old");
        }
    }

    [Theory]
    [InlineData(VerifyReads.Off, true)]
    [InlineData(VerifyReads.Device, false)]
    [InlineData(VerifyReads.Always, false)]
    public async Task Only_without_verification_is_damage_served(VerifyReads mode, bool served)
    {
        _store.Open(mode);
        StoredObject blob = await _store.PutAsync("blob", StoreFixture.Bytes(Block));
        StoredObject row = await _store.PutAsync("row", StoreFixture.Bytes(50));
        await _store.FlipAsync(blob, 5);
        byte[] key = Tables.InlineDataKey(Assert.IsType<ObjectData.Inline>(row.Record.Data).Row);
        byte[] value = (await _store.Memory.GetAsync(key, Token))!;
        value[5] ^= 1;
        await _store.Memory.CommitAsync(new KeyValueBatch().Put(key, value), Token);
        foreach (string name in new[] { "blob", "row" })
        {
            if (served)
            {
                Assert.NotEmpty(await _store.ReadAsync(name));
            }
            else
            {
                await _store.ReadDamagedAsync(name);
            }
        }

        // A copy of a row has a checksum of its own, so it is made of verified bytes in every mode.
        await Assert.ThrowsAsync<DamagedDataException>(() => _store.CopyAsync("row", "copy"));
    }

    private static (BlobTrailer Trailer, BlobFooter Footer) Read(byte[] blob)
    {
        Assert.True(BlobTrailer.TryRead(blob.AsSpan(blob.Length - BlobLayout.TrailerSize), blob.Length, out BlobTrailer trailer));
        ReadOnlySpan<byte> tail = blob.AsSpan((int)trailer.PayloadLength, (int)trailer.TableLength + trailer.FooterLength);
        Assert.Equal(trailer.TailCrc, Crc.Crc64Nvme.Of(tail));
        return (trailer, BlobFooter.Decode(tail[(int)trailer.TableLength..]));
    }
}
