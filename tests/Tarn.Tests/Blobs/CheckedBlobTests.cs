using System.Buffers;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Blobs;

/// <summary>Reads of blobs: right bytes or an exception, whatever happened to the device, in each mode.</summary>
public sealed class CheckedBlobTests : IDamageSink, IAsyncDisposable
{
    private const int Block = BlobLayout.BlockSize;

    private readonly FakeTimeProvider _clock = new();
    private readonly SeededRandomSource _random = new(1);
    private readonly DeviceBlobStore _store;
    private readonly List<DamagedDataException> _found = [];
    private readonly List<(long Start, long End)> _verified = [];

    public CheckedBlobTests() => _store = new DeviceBlobStore(_clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<VerifyReads, int> ModesAndLengths
    {
        get
        {
            var data = new TheoryData<VerifyReads, int>();
            foreach (VerifyReads mode in Enum.GetValues<VerifyReads>())
            {
                foreach (int length in new[] { 0, 1, 100, Block - 1, Block, Block + 1, (3 * Block) + 5, 4 * Block })
                {
                    data.Add(mode, length);
                }
            }

            return data;
        }
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    ValueTask<Exception> IDamageSink.ReportAsync(DamagedDataException found)
    {
        _found.Add(found);
        return ValueTask.FromResult<Exception>(found);
    }

    ValueTask IDamageSink.VerifiedAsync(Id128 data, long start, long end)
    {
        _verified.Add((start, end));
        return default;
    }

    [Theory]
    [MemberData(nameof(ModesAndLengths))]
    public async Task Any_range_is_the_bytes_that_were_written(VerifyReads mode, int length)
    {
        byte[] payload = Bytes(length);
        (BlobId id, long stored) = await WriteAsync(payload);
        var blobs = new CheckedBlobs(_store, mode, _clock);
        var random = new Random(length);
        for (int round = 0; round < 60; round++)
        {
            if (round % 7 == 0)
            {
                _store.EmptyCache();
            }

            _store.MostAtOnce = round % 3 == 0 ? 1000 : int.MaxValue;
            await using CheckedBlob blob = Assert.IsType<CheckedBlob>(await blobs.OpenAsync(id, length, round % 2 == 0 ? stored : 0, this, always: false, Token));
            int offset = random.Next(length + 1);
            int wanted = random.Next(length - offset + 1);
            if (round % 4 == 0)
            {
                offset = Math.Min(offset & -Block, length);
                wanted = length - offset;
            }

            byte[] buffer = new byte[wanted];
            for (int at = 0; at < wanted;)
            {
                int read = await blob.ReadAsync(offset + at, buffer.AsMemory(at), Token);
                Assert.InRange(read, 1, wanted - at);
                at += read;
            }

            Assert.Equal(payload.AsSpan(offset, wanted), buffer.AsSpan());
        }

        Assert.Empty(_found);
    }

    [Theory]
    [InlineData(VerifyReads.Device)]
    [InlineData(VerifyReads.Always)]
    public async Task Any_bit_of_the_payload_that_changed_is_noticed_in_its_block_and_no_other(VerifyReads mode)
    {
        byte[] payload = Bytes((2 * Block) + 300);
        var random = new Random(3);
        for (int round = 0; round < 40; round++)
        {
            (BlobId id, long stored) = await WriteAsync(payload);
            int at = round switch { 0 => 0, 1 => Block - 1, 2 => Block, 3 => payload.Length - 1, _ => random.Next(payload.Length) };
            await _store.DamageAsync(id, bytes => Flip(bytes, at, 1 << random.Next(8)));
            var blobs = new CheckedBlobs(_store, mode, _clock);
            for (int block = 0; block < 3; block++)
            {
                await using CheckedBlob blob = Assert.IsType<CheckedBlob>(await blobs.OpenAsync(id, payload.Length, stored, this, always: false, Token));
                int start = block * Block, end = Math.Min(start + Block, payload.Length);
                int from = random.Next(start, end);
                byte[] buffer = new byte[random.Next(1, end - from + 1)];
                if (at / Block == block)
                {
                    DamagedDataException damage = await Assert.ThrowsAsync<DamagedDataException>(async () => await blob.ReadAsync(from, buffer, Token));
                    Assert.Equal((DamageKind.Checksum, id.Value, start, end - start), (damage.Kind, damage.DataId, damage.Offset, damage.Length));
                    Assert.Contains($"Block {block} of blob {id}", damage.Message, StringComparison.Ordinal);
                    Assert.Same(damage, _found[^1]);
                }
                else
                {
                    Assert.Equal(buffer.Length, await blob.ReadAsync(from, buffer, Token));
                    Assert.Equal(payload.AsSpan(from, buffer.Length), buffer.AsSpan());
                }
            }

            Assert.Single(_found);
            _found.Clear();
        }
    }

    [Theory]
    [InlineData(VerifyReads.Device)]
    [InlineData(VerifyReads.Always)]
    public async Task Damage_of_the_tail_is_never_served_as_wrong_bytes(VerifyReads mode)
    {
        byte[] payload = Bytes((2 * Block) + 300);
        (BlobId id, long stored) = await WriteAsync(payload);
        byte[] whole = await _store.OnDeviceAsync(id);
        int footer = payload.Length + (3 * 8), trailer = whole.Length - BlobLayout.TrailerSize;
        for (int at = payload.Length; at < whole.Length; at++)
        {
            await _store.DamageAsync(id, _ => Flip(whole, at, 4));
            _store.EmptyCache();
            DamagedDataException? damage = await ReadAllAsync(new CheckedBlobs(_store, mode, _clock), id, payload, stored);

            // A footer is read only to rebuild metadata; all else is needed to read.
            Assert.Equal(at < footer || at >= trailer, damage is not null);
        }
    }

    [Theory]
    [InlineData(VerifyReads.Device)]
    [InlineData(VerifyReads.Always)]
    public async Task A_blob_of_another_length_or_another_id_is_not_opened(VerifyReads mode)
    {
        byte[] payload = Bytes(Block + 10);
        (BlobId id, long stored) = await WriteAsync(payload);
        (BlobId other, _) = await WriteAsync(Bytes(Block + 10, 2));
        byte[] whole = await _store.OnDeviceAsync(id), others = await _store.OnDeviceAsync(other);
        foreach (bool isKnown in new[] { true, false })
        {
            foreach (int cut in new[] { 1, 8, 63, 64, 65, 80, 100, 200, Block, whole.Length - 1, whole.Length })
            {
                bool isOfPayload = cut > whole.Length - payload.Length;
                await RefusedAsync(whole[..^cut], isKnown, isKnown || isOfPayload ? DamageKind.Length : DamageKind.Checksum);
            }

            await RefusedAsync([.. whole, 0], isKnown, isKnown ? DamageKind.Length : DamageKind.Checksum);
            await RefusedAsync([.. whole, .. whole], isKnown, isKnown ? DamageKind.Length : DamageKind.Checksum);
            await RefusedAsync(others, isKnown, DamageKind.WrongBlob);
            await RefusedAsync(new byte[whole.Length], isKnown, DamageKind.Checksum);
        }

        async Task RefusedAsync(byte[] bytes, bool isKnown, DamageKind kind)
        {
            await _store.DamageAsync(id, _ => bytes);
            _store.EmptyCache();
            DamagedDataException? damage = await ReadAllAsync(new CheckedBlobs(_store, mode, _clock), id, payload, isKnown ? stored : 0);
            Assert.Equal(kind, damage?.Kind);
        }
    }

    [Fact]
    public async Task A_bit_that_flips_between_the_hash_and_the_write_is_found_when_it_is_read()
    {
        byte[] payload = Bytes(Block + 10);
        _store.OnWrite = bytes => Flip(bytes, bytes.Length / 2, 16);
        (BlobId id, long stored) = await WriteAsync(payload);
        Assert.NotNull(await ReadAllAsync(new CheckedBlobs(_store, VerifyReads.Device, _clock), id, payload, stored));
    }

    [Fact]
    public async Task A_bare_blob_is_read_as_it_is_and_never_past_what_refers_to_it()
    {
        byte[] payload = Bytes(Block + 10);
        var id = BlobId.Create(_random);
        _store.AddBare(id, payload);
        var blobs = new CheckedBlobs(_store, VerifyReads.Always, _clock);
        Assert.Null(await ReadAllAsync(blobs, id, payload, 0));
        await _store.DamageAsync(id, bytes => bytes[..^1]);
        _store.EmptyCache();
        Assert.Equal(DamageKind.Length, (await ReadAllAsync(blobs, id, payload, 0))!.Kind);
    }

    [Fact]
    public async Task A_blob_that_was_given_its_tail_is_verified()
    {
        byte[] payload = Bytes(Block + 10);
        var id = BlobId.Create(_random);
        _store.AddBare(id, payload);
        var sums = new BlockChecksummer();
        sums.Append(payload);
        Assert.True(await _store.SealAsync(id, BlobTail.Compose(id, sums, []), Token));
        var blobs = new CheckedBlobs(_store, VerifyReads.Always, _clock);
        Assert.Null(await ReadAllAsync(blobs, id, payload, 0));
        await _store.DamageAsync(id, bytes => Flip(bytes, 5, 1));
        _store.EmptyCache();
        Assert.Equal(DamageKind.Checksum, (await ReadAllAsync(blobs, id, payload, 0))!.Kind);
    }

    [Fact]
    public async Task What_was_verified_is_read_from_the_cache_alone_and_verified_again_once_it_left()
    {
        byte[] payload = Bytes((5 * Block) + 1);
        (BlobId id, long stored) = await WriteAsync(payload);
        var blobs = new CheckedBlobs(_store, VerifyReads.Device, _clock);
        Assert.Null(await ReadAllAsync(blobs, id, payload, stored));
        Assert.True(_store.DeviceBytes > 0);

        // Verified and cached: one read for each call, and the trailer is not read either.
        int before = _store.Reads;
        Assert.Null(await ReadAllAsync(blobs, id, payload, stored));
        Assert.Equal(before + 1, _store.Reads);

        // Gone from the cache: what comes from the device now is verified.
        await _store.DamageAsync(id, bytes => Flip(bytes, 3 * Block, 1));
        _store.EmptyCache();
        Assert.Equal(3 * Block, (await ReadAllAsync(blobs, id, payload, stored))!.Offset);
        await using IBlobReader reader = (await _store.OpenAsync(id, Token))!;
        Assert.False(blobs.Verified.Contains(id, reader.Stamp, 0, 0));
    }

    [Theory]
    [InlineData(VerifyReads.Device, 0, true)]
    [InlineData(VerifyReads.Device, 299, true)]
    [InlineData(VerifyReads.Device, 601, false)]
    [InlineData(VerifyReads.Always, 0, false)]
    [InlineData(VerifyReads.Off, 601, true)]
    public async Task The_window_of_the_default_mode_is_what_the_design_says(VerifyReads mode, int seconds, bool served)
    {
        byte[] payload = Bytes((2 * Block) + 1);
        (BlobId id, long stored) = await WriteAsync(payload);
        var blobs = new CheckedBlobs(_store, mode, _clock);
        Assert.Null(await ReadAllAsync(blobs, id, payload, stored));

        // Something else reads the damaged blob into the cache, within the time for which a verified block is trusted or after it.
        await _store.DamageAsync(id, bytes => Flip(bytes, Block, 1));
        _store.EmptyCache();
        await _store.CacheAsync(id);
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        await using CheckedBlob blob = Assert.IsType<CheckedBlob>(await blobs.OpenAsync(id, payload.Length, stored, this, always: false, Token));
        if (served)
        {
            Assert.Equal(payload.Length, await blob.ReadAsync(0, new byte[payload.Length], Token));
        }
        else
        {
            await Assert.ThrowsAsync<DamagedDataException>(async () => await blob.ReadAsync(0, new byte[payload.Length], Token));
        }
    }

    [Theory]
    [InlineData(VerifyReads.Device, 3)]
    [InlineData(VerifyReads.Device, (2 * Block) + 20)]
    [InlineData(VerifyReads.Device, -3)]
    [InlineData(VerifyReads.Always, 3)]
    [InlineData(VerifyReads.Always, (2 * Block) + 20)]
    [InlineData(VerifyReads.Always, -3)]
    public async Task A_bit_that_flipped_in_memory_is_no_damage_and_is_read_again_from_the_device(VerifyReads mode, int at)
    {
        byte[] payload = Bytes((2 * Block) + 10);
        (BlobId id, long stored) = await WriteAsync(payload);
        await _store.CacheAsync(id, bytes => Flip(bytes, at < 0 ? bytes.Length + at : at, 1));
        Assert.Null(await ReadAllAsync(new CheckedBlobs(_store, mode, _clock), id, payload, stored));
        Assert.Empty(_found);
    }

    [Fact]
    public async Task A_file_that_was_written_or_replaced_is_verified_however_lately_its_blocks_were()
    {
        byte[] payload = Bytes((2 * Block) + 10);
        (BlobId id, long stored) = await WriteAsync(payload);
        var blobs = new CheckedBlobs(_store, VerifyReads.Device, _clock);
        Assert.Null(await ReadAllAsync(blobs, id, payload, stored));
        await _store.WriteAsync(id, bytes => Flip(bytes, Block, 1));
        Assert.Equal(Block, (await ReadAllAsync(blobs, id, payload, stored))!.Offset);
    }

    [Theory]
    [InlineData(VerifyReads.Device)]
    [InlineData(VerifyReads.Off)]
    public async Task Whoever_makes_digests_has_every_byte_verified(VerifyReads mode)
    {
        byte[] payload = Bytes((2 * Block) + 10);
        (BlobId id, long stored) = await WriteAsync(payload);
        var blobs = new CheckedBlobs(_store, mode, _clock);
        Assert.Null(await ReadAllAsync(blobs, id, payload, stored));
        await _store.DamageAsync(id, bytes => Flip(bytes, Block, 1));
        _store.EmptyCache();
        await _store.CacheAsync(id);
        await using CheckedBlob blob = Assert.IsType<CheckedBlob>(await blobs.OpenAsync(id, payload.Length, stored, this, always: true, Token));
        await Assert.ThrowsAsync<DamagedDataException>(async () => await blob.ReadAsync(0, new byte[payload.Length], Token));
    }

    [Fact]
    public async Task What_was_verified_is_told_block_by_block_and_the_end_as_the_end()
    {
        byte[] payload = Bytes((2 * Block) + 10);
        (BlobId id, long stored) = await WriteAsync(payload);
        var blobs = new CheckedBlobs(_store, VerifyReads.Device, _clock);
        for (int round = 0; round < 2; round++)
        {
            await using CheckedBlob blob = Assert.IsType<CheckedBlob>(await blobs.OpenAsync(id, payload.Length, stored, this, always: false, Token));
            await blob.ReadAsync(5, new byte[10], Token);
            await blob.ReadAsync(Block, new byte[Block], Token);
            await blob.ReadAsync((2 * Block) + 3, new byte[1], Token);
            Assert.Equal([(0, Block), (Block, 2 * Block), (2 * Block, long.MaxValue)], _verified);
            _verified.Clear();
        }
    }

    [Fact]
    public async Task A_blob_of_more_blocks_than_are_read_at_once_is_verified_piece_by_piece()
    {
        byte[] payload = Bytes((1100 * Block) + 9);
        (BlobId id, long stored) = await WriteAsync(payload);
        foreach (VerifyReads mode in new[] { VerifyReads.Device, VerifyReads.Always })
        {
            Assert.Null(await ReadAllAsync(new CheckedBlobs(_store, mode, _clock), id, payload, stored));
            await using CheckedBlob blob = Assert.IsType<CheckedBlob>(
                await new CheckedBlobs(_store, mode, _clock).OpenAsync(id, payload.Length, stored, this, always: false, Token));
            foreach (int offset in new[] { 0, 700 * Block, 3, (1100 * Block) + 8, 512 * Block, 511 * Block })
            {
                byte[] buffer = new byte[Math.Min(2 * Block, payload.Length - offset)];
                int read = await blob.ReadAsync(offset, buffer, Token);
                Assert.Equal(payload.AsSpan(offset, read), buffer.AsSpan(0, read));
            }
        }

        await _store.DamageAsync(id, bytes => Flip(bytes, (900 * Block) + 1, 1));
        _store.EmptyCache();
        Assert.Equal(900L * Block, (await ReadAllAsync(new CheckedBlobs(_store, VerifyReads.Device, _clock), id, payload, stored))!.Offset);
    }

    /// <summary>Reads a blob as a transport does; what it gets before an exception must be right.</summary>
    private async Task<DamagedDataException?> ReadAllAsync(CheckedBlobs blobs, BlobId id, byte[] payload, long stored)
    {
        byte[] buffer = new byte[payload.Length];
        int at = 0;
        try
        {
            await using CheckedBlob blob = Assert.IsType<CheckedBlob>(await blobs.OpenAsync(id, payload.Length, stored, this, always: false, Token));
            while (at < payload.Length)
            {
                int read = await blob.ReadAsync(at, buffer.AsMemory(at), Token);
                Assert.InRange(read, 1, payload.Length - at);
                at += read;
            }

            return null;
        }
        catch (DamagedDataException damage)
        {
            return damage;
        }
        finally
        {
            Assert.Equal(payload.AsSpan(0, at), buffer.AsSpan(0, at));
        }
    }

    private async Task<(BlobId Id, long Stored)> WriteAsync(byte[] payload)
    {
        var id = BlobId.Create(_random);
        var sums = new BlockChecksummer(payload.Length);
        sums.Append(payload);
        byte[] tail = BlobTail.Compose(id, sums, "what it is"u8);
        await using IBlobWriter writer = await _store.CreateAsync(id, payload.Length, Token);
        await writer.WriteAsync(new ReadOnlySequence<byte>(payload), Token);
        _store.OnWrite = null;
        await writer.WriteAsync(new ReadOnlySequence<byte>(tail), Token);
        await writer.CommitAsync(Token);
        return (id, payload.Length + tail.Length);
    }

    private static byte[] Bytes(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Flip(byte[] bytes, int at, int mask)
    {
        byte[] flipped = [.. bytes];
        flipped[at] ^= (byte)mask;
        return flipped;
    }
}
