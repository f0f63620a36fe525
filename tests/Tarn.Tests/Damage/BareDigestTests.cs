using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Damage;

/// <summary>Bytes that earlier builds stored without block checksums get a new digest only when all that a record knows one digest of was found to be right.</summary>
public sealed class BareDigestTests
{
    private const int Block = BlobLayout.BlockSize;
    private const int Size = (5 * Block) + 77;

    private readonly DamagedStore _store = new();
    private readonly SeededRandomSource _random = new(7);

    private static CancellationToken Token => DamagedStore.Token;

    public static TheoryData<long, long> Ranges { get; } = new()
    {
        { 0, 1 }, { 0, Block }, { 3, Size - 3 }, { Block, 2 * Block }, { Block + 1, Block - 1 }, { Size - 1, 1 }, { 0, Size },
    };

    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task A_range_of_a_bare_blob_becomes_a_part_with_the_right_digests(long offset, long length)
    {
        byte[] bytes = StoreFixture.Bytes(Size);
        await _store.PutOldAsync("old", bytes);

        // The first time all of the blob is read, the second time only the range.
        await ExpectAsync(await CopyPartAsync("old", offset, length), bytes.AsSpan((int)offset, (int)length));
        await ExpectAsync(await CopyPartAsync("old", offset, length), bytes.AsSpan((int)offset, (int)length));
        Assert.Empty(_store.Noticed);
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task No_range_of_a_bare_blob_that_is_damaged_anywhere_becomes_a_part(long offset, long length)
    {
        await _store.PutOldAsync("old", StoreFixture.Bytes(Size), Flipped(StoreFixture.Bytes(Size), 3 * Block));
        DamagedDataException refused = await Assert.ThrowsAsync<DamagedDataException>(async () => await CopyPartAsync("old", offset, length));
        Assert.Equal((DamageKind.Checksum, DamagedStore.BlobOf(await _store.FindAsync("old")).Value), (refused.Kind, refused.DataId));
        Assert.Equal("old", Assert.Single(await _store.ListAsync()).Key.ToString());
    }

    [Fact]
    public async Task All_of_a_bare_blob_is_read_only_for_the_first_of_its_ranges()
    {
        const int size = 40 * Block;
        await _store.PutOldAsync("old", StoreFixture.Bytes(size));
        await CopyPartAsync("old", 0, Block);
        Assert.Equal(size + Block, _store.Device.Bytes);
        for (int i = 1; i < 40; i++)
        {
            await CopyPartAsync("old", i * Block, Block);
        }

        Assert.Equal(size + (40 * Block), _store.Device.Bytes);
    }

    [Fact]
    public async Task Damage_that_came_after_a_bare_blob_was_verified_is_found_in_the_ranges_it_touches_and_makes_no_part()
    {
        StoredObject old = await _store.PutOldAsync("old", StoreFixture.Bytes(Size));
        await CopyPartAsync("old", 0, 1);
        await _store.Device.DamageAsync(DamagedStore.BlobOf(old), bytes => Flipped(bytes, 3 * Block));
        _store.Device.EmptyCache();
        await CopyPartAsync("old", 0, Block);
        await Assert.ThrowsAsync<DamagedDataException>(async () => await CopyPartAsync("old", (3 * Block) + 10, 5));
    }

    [Fact]
    public async Task What_only_memory_had_changed_of_a_bare_blob_is_no_damage_and_gets_into_no_part()
    {
        byte[] bytes = StoreFixture.Bytes(Size);
        StoredObject old = await _store.PutOldAsync("old", bytes);
        await _store.Device.CacheAsync(DamagedStore.BlobOf(old), stored => Flipped(stored, Block + 9));
        await ExpectAsync(await CopyPartAsync("old", Block, Block), bytes.AsSpan(Block, Block));

        // Now its blocks are known, and only the one that does not match is read again.
        await _store.Device.CacheAsync(DamagedStore.BlobOf(old), stored => Flipped(stored, Block + 9));
        long before = _store.Device.Bytes;
        await ExpectAsync(await CopyPartAsync("old", 1, (3 * Block) - 1), bytes.AsSpan(1, (3 * Block) - 1));
        Assert.InRange(_store.Device.Bytes - before, 3 * Block, 6 * Block);
        Assert.Empty(await _store.ListAsync());
    }

    [Fact]
    public async Task A_copy_that_read_what_only_memory_had_changed_fails_and_lists_nothing()
    {
        StoredObject old = await _store.PutOldAsync("old", StoreFixture.Bytes(Size));
        await _store.Device.CacheAsync(DamagedStore.BlobOf(old), bytes => Flipped(bytes, 9));
        Exception failed = await Assert.ThrowsAnyAsync<IOException>(() => _store.CopyAsync("old", "copy", ChecksumAlgorithm.Sha256));
        Assert.IsNotType<DamagedDataException>(failed);
        Assert.Empty(await _store.ListAsync());
        await _store.CopyAsync("old", "copy", ChecksumAlgorithm.Sha256);
    }

    [Fact]
    public async Task Damage_that_is_met_while_a_copy_reads_stays_on_the_list_although_the_copy_read_what_was_right()
    {
        StoredObject old = await _store.PutOldAsync("old", StoreFixture.Bytes(Size));
        BlobId blob = DamagedStore.BlobOf(old);
        _store.Device.AfterRead = async () =>
        {
            // The copy has read the first block.
            await _store.Device.DamageAsync(blob, bytes => Flipped(bytes, 9));
            _store.Device.EmptyCache();
            await Assert.ThrowsAsync<DamagedDataException>(async () => await CopyPartAsync("old", 0, Block));
        };
        await Assert.ThrowsAsync<DamagedDataException>(() => _store.CopyAsync("old", "copy", ChecksumAlgorithm.Sha256));
        Assert.Single(await _store.ListAsync());
    }

    [Theory]
    [InlineData(DamageKind.Checksum)]
    [InlineData(DamageKind.Missing)]
    public async Task Bare_data_that_is_listed_to_its_end_leaves_the_list_as_well(DamageKind other)
    {
        StoredObject old = await _store.PutOldAsync("old", StoreFixture.Bytes(Size));
        BlobId blob = DamagedStore.BlobOf(old);
        await _store.Store.Damage.AddAsync(DataHolder.Of(old), new DamagedDataException(DamageKind.Checksum, blob.Value, "As an older build lists it."));
        await _store.Store.Damage.AddAsync(DataHolder.Of(old), new DamagedDataException(other, blob.Value, "It was not there either."));
        _store.Open();
        Assert.Single(await _store.ListAsync());
        await _store.CopyAsync("old", "copy", ChecksumAlgorithm.Sha256);
        Assert.Empty(await _store.ListAsync());
    }

    [Fact]
    public async Task A_read_of_a_bare_blob_that_was_given_up_is_taken_up_where_it_ended()
    {
        const int size = 40 * Block;
        byte[] bytes = StoreFixture.Bytes(size);
        await _store.PutOldAsync("old", bytes);
        using var cancelled = new CancellationTokenSource();
        _store.Device.AfterRead = cancelled.CancelAsync;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await CopyPartAsync("old", Block, Block, cancelled.Token));
        Assert.InRange(_store.Device.Bytes, 1, size / 2);
        await ExpectAsync(await CopyPartAsync("old", Block, Block), bytes.AsSpan(Block, Block));
        Assert.Equal(size + Block, _store.Device.Bytes);
    }

    [Fact]
    public async Task A_range_that_does_not_match_any_more_lists_its_block_which_leaves_when_it_is_read_and_right()
    {
        StoredObject old = await _store.PutOldAsync("old", StoreFixture.Bytes(Size));
        await CopyPartAsync("old", 0, 1);
        await _store.Device.DamageAsync(DamagedStore.BlobOf(old), bytes => Flipped(bytes, (3 * Block) + 9));
        _store.Device.EmptyCache();
        await Assert.ThrowsAsync<DamagedDataException>(async () => await CopyPartAsync("old", Block, Size - Block));
        DamagedObject listed = Assert.Single(await _store.ListAsync());
        Assert.Equal((3 * Block, Block), (listed.Offset, listed.Length));
        _store.Device.Repair(DamagedStore.BlobOf(old));
        _store.Device.EmptyCache();
        await CopyPartAsync("old", 3 * Block, 5);
        Assert.Empty(await _store.ListAsync());
    }

    [Fact]
    public async Task Bare_data_leaves_the_list_of_damage_when_all_of_it_is_found_to_be_right()
    {
        await _store.PutOldAsync("old", StoreFixture.Bytes(Size));
        BlobId blob = DamagedStore.BlobOf(await _store.FindAsync("old"));
        await _store.Device.DamageAsync(blob, bytes => Flipped(bytes, 9));
        await Assert.ThrowsAsync<DamagedDataException>(() => _store.CopyAsync("old", "copy", ChecksumAlgorithm.Sha256));
        _store.Device.Repair(blob);
        _store.Device.EmptyCache();
        await _store.CopyAsync("old", "copy", ChecksumAlgorithm.Sha256);
        Assert.Empty(await _store.ListAsync());
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public async Task A_copy_of_an_object_of_bare_parts_gets_a_new_checksum_only_if_every_part_is_right(int damaged, bool isSecondSealed)
    {
        byte[] whole = await MakeOldAsync(damaged, isSecondSealed);
        if (damaged < 0)
        {
            StoredObject copy = await _store.CopyAsync("parts", "copy", ChecksumAlgorithm.Sha256);
            Assert.Equal(Hash(ChecksumAlgorithm.Sha256, whole), copy.Checksum!.Value);
            return;
        }

        await Assert.ThrowsAsync<DamagedDataException>(() => _store.CopyAsync("parts", "copy", ChecksumAlgorithm.Sha256));
        Assert.Single(await _store.ListAsync());
    }

    [Theory]
    [InlineData(10, 20, true)]
    [InlineData(Block - 5, 10, false)]
    [InlineData((2 * Block) - 5, 10, false)]
    [InlineData((2 * Block) + 5, 10, true)]
    [InlineData(Block + 5, 10, false)]
    public async Task A_range_of_an_object_of_bare_parts_is_refused_if_a_part_that_it_touches_is_damaged(int offset, int length, bool isTaken)
    {
        byte[] whole = await MakeOldAsync(damaged: 1, isSecondSealed: false);
        if (isTaken)
        {
            await ExpectAsync(await CopyPartAsync("parts", offset, length), whole.AsSpan(offset, length));
        }
        else
        {
            await Assert.ThrowsAsync<DamagedDataException>(async () => await CopyPartAsync("parts", offset, length));
        }
    }

    [Fact]
    public async Task A_part_of_several_bare_runs_is_compared_as_a_whole_too()
    {
        byte[] whole = await MakeOldAsync(damaged: -1, isSecondSealed: false);
        StoredObject parts = await _store.FindAsync("parts");
        var manifest = Assert.IsType<ObjectData.Manifest>(parts.Record.Data);
        byte[] row = Tables.ManifestKey(manifest.Id, 0);
        List<PartRecord> three = ManifestChunk.Decode((await _store.Memory.GetAsync(row, Token))!);
        PartRecord one = three[0] with
        {
            Size = whole.Length, Extents = [.. three.SelectMany(part => part.Extents)], Checksum = null, ETag = ETag.FromMd5(System.Security.Cryptography.MD5.HashData(whole)),
        };
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(row, ManifestChunk.Encode([one])), Token));
        await ExpectAsync(await CopyPartAsync("parts", Block - 5, 10), whole.AsSpan(Block - 5, 10));

        // The second time only the blocks of the range are read.
        long before = _store.Device.Bytes;
        await ExpectAsync(await CopyPartAsync("parts", Block - 5, 10), whole.AsSpan(Block - 5, 10));
        Assert.Equal(2 * Block, _store.Device.Bytes - before);
        await _store.Device.DamageAsync(three[2].Extents[0].Blob, bytes => Flipped(bytes, 9));
        _store.Device.EmptyCache();
        await Assert.ThrowsAsync<DamagedDataException>(() => _store.CopyAsync("parts", "copy", ChecksumAlgorithm.Sha256));
        Assert.Equal(manifest.Id, Assert.Single(await _store.ListAsync()).Data);
        await Assert.ThrowsAsync<DamagedDataException>(() => _store.CopyAsync("parts", "copy"));
        _store.Device.Repair(three[2].Extents[0].Blob);
        _store.Device.EmptyCache();
        await _store.CopyAsync("parts", "copy", ChecksumAlgorithm.Sha256);
        Assert.Empty(await _store.ListAsync());
    }

    [Fact]
    public async Task Data_with_checksums_of_its_own_is_not_compared_with_the_record_too()
    {
        byte[] bytes = StoreFixture.Bytes(Size);
        StoredObject made = await _store.PutAsync("new", bytes);
        ETag other = ETag.FromMd5(System.Security.Cryptography.MD5.HashData(bytes.AsSpan(1)));
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(made.Row, (made.Record with { ETag = other, Checksum = null }).Encode()), Token));
        StoredObject copy = await _store.CopyAsync("new", "copy", ChecksumAlgorithm.Sha256);
        Assert.Equal(Hash(ChecksumAlgorithm.Sha256, bytes), copy.Checksum!.Value);
        await ExpectAsync(await CopyPartAsync("new", 0, Size), bytes);
        Assert.Empty(_store.Noticed);
    }

    private async Task<PartRecord> CopyPartAsync(string key, long offset, long length, CancellationToken cancellationToken = default)
    {
        MultipartUpload upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key("target"), "owner", "Owner", ObjectMetadata.Empty, ChecksumAlgorithm.Sha256, ChecksumType.Composite, Token);
        await _store.Store.Parts.CopyAsync(upload, 1, async () => await _store.FindAsync(key), _ => (offset, length), cancellationToken);
        return PartRecord.Decode((await _store.Memory.GetAsync(Tables.PartKey(upload.Id, 1), Token))!);
    }

    private static Task ExpectAsync(PartRecord part, ReadOnlySpan<byte> bytes)
    {
        Assert.Equal(bytes.Length, part.Size);
        Assert.Equal(System.Security.Cryptography.MD5.HashData(bytes), part.ETag.ToMd5());
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(bytes), part.Checksum!.Value);
        return Task.CompletedTask;
    }

    /// <summary>Makes an object of three parts as an older build stored it, with nothing known of it as a whole, one of them damaged.</summary>
    private async Task<byte[]> MakeOldAsync(int damaged, bool isSecondSealed)
    {
        byte[] whole = StoreFixture.Bytes(3 * Block);
        StoredObject made = await _store.PutAsync("parts", whole);
        var parts = new List<PartRecord>();
        for (int i = 0; i < 3; i++)
        {
            byte[] bytes = whole[(i * Block)..((i + 1) * Block)];
            var blob = BlobId.Create(_random);
            long stored = 0;
            if (i == 1 && isSecondSealed)
            {
                StoredObject other = await _store.PutAsync("other", bytes);
                Extent extent = Assert.IsType<ObjectData.Extents>(other.Record.Data).List[0];
                (blob, stored) = (extent.Blob, extent.Stored);
            }
            else
            {
                _store.Device.AddBare(blob, bytes);
            }

            if (i == damaged)
            {
                await _store.Device.DamageAsync(blob, stored => Flipped(stored, 9));
            }

            parts.Add(new PartRecord
            {
                Number = i + 1, Size = Block, LastModified = 0, ETag = ETag.FromMd5(System.Security.Cryptography.MD5.HashData(bytes)),
                Checksum = i == 0 ? null : new Checksum(ChecksumAlgorithm.Crc32, ChecksumType.FullObject, Hash(ChecksumAlgorithm.Crc32, bytes), 0),
                Extents = [new Extent(blob, 0, 0, Block, stored)],
            });
        }

        var manifest = new ObjectData.Manifest(Id128.Create(_random), 0, [0]);
        var batch = new KeyValueBatch()
            .Put(Tables.ManifestKey(manifest.Id, 0), ManifestChunk.Encode(parts))
            .Put(made.Row, (made.Record with { Data = manifest, Checksum = null, ETag = ETag.FromMd5(MultipartETag.Compute(parts.Select(part => part.ETag.ToMd5())), 3) }).Encode());
        Assert.True(await _store.Memory.CommitAsync(batch, Token));
        return whole;
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        byte[] flipped = [.. bytes];
        flipped[at] ^= 1;
        return flipped;
    }

    private static byte[] Hash(ChecksumAlgorithm algorithm, byte[] bytes)
    {
        using StreamHasher hasher = StreamHasher.Create(algorithm);
        hasher.Append(bytes);
        byte[] value = new byte[hasher.HashSize];
        hasher.Finish(value);
        return value;
    }
}
