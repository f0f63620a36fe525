using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Hashing;

namespace Tarn.Core.Blobs.Layout;

/// <summary>The payload of an open blob, verified as it is read. For one reader at a time.</summary>
internal sealed partial class CheckedBlob : IFileSource, IAsyncDisposable
{
    /// <summary>Bytes at the end of a blob that are read at once: the trailer and, for most blobs, everything that it describes.</summary>
    private const int TailSize = 4096;

    private const int WindowBlocks = TailSize / BlobLayout.ChecksumSize;

    private readonly CheckedBlobs _blobs;
    private readonly BlobId _id;
    private readonly long _end;
    private readonly IDamageSink _sink;
    private readonly VerifyReads _mode;
    private readonly bool _onDevice;
    private IBlobReader _inner;
    private long _stored;

    // Has the checksums of the blocks, where that is another copy than the one read.
    private IBlobReader? _table;

    // Whether it is another copy that is tried: its damage is not reported.
    private bool _isSecond;
    private bool _isOther;
    private BlobTrailer _trailer;
    private bool _isChecked;

    // The checksums of the blocks from _windowFirst on, which are at _windowAt in the buffer.
    private byte[]? _window;
    private long _windowFirst;
    private int _windowCount;
    private int _windowAt;

    internal CheckedBlob(CheckedBlobs blobs, BlobId id, IBlobReader inner, long end, IDamageSink sink, VerifyReads mode, bool onDevice)
    {
        _blobs = blobs;
        _id = id;
        _inner = inner;
        _end = end;
        _sink = sink;
        _mode = mode;
        _onDevice = onDevice;
    }

    /// <summary>Whether another copy took over, because the first is damaged, missing or not to be read.</summary>
    public bool IsOther => _isOther || _blobs.Repair?.IsOther(_inner) == true;

    /// <summary>Whether what is read is compared with checksums.</summary>
    public bool IsVerified => _isChecked;

    /// <summary>Bytes of payload.</summary>
    public long PayloadLength => _isChecked ? _trailer.PayloadLength : _inner.Length;

    /// <inheritdoc/>
    /// <exception cref="DamagedDataException">The bytes do not match their checksum, or are not there; no other copy has them.</exception>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        long available = PayloadLength - offset;
        if (available <= 0)
        {
            return 0;
        }

        buffer = buffer[..(int)Math.Min(buffer.Length, available)];
        try
        {
            return await ReadAloneAsync(offset, buffer, cancellationToken);
        }
        catch (DamagedDataException damage) when (!_isSecond)
        {
            return await ReadOtherAsync(offset, buffer, cancellationToken) is > 0 and int count ? count : throw await ReportAsync(damage);
        }
        catch (IOException) when (!_isSecond && _blobs.Repair is not null)
        {
            // The reader has tried both copies as a whole, but each may have what cannot be read of the other.
            if (await ReadOtherAsync(offset, buffer, cancellationToken) is > 0 and int count)
            {
                return count;
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<SafeFileHandle?> FileAsync(long offset, long length)
    {
        if (_inner.FileHandle is not { } file || offset + length > PayloadLength || !MaySend(offset, length) || !_inner.IsCached(offset, length))
        {
            return null;
        }

        if (_isChecked)
        {
            await NoteCachedAsync(offset, offset + length);
        }

        return file;
    }

    private bool MaySend(long offset, long length) => _mode switch
    {
        VerifyReads.Off => true,
        VerifyReads.Device => _isChecked && HasVerified(offset, length),
        _ => false,
    };

    private bool HasVerified(long offset, long length) =>
        _blobs.Verified.Contains(_id, _inner.Stamp, offset >> _trailer.BlockSizeLog2, (offset + length - 1) >> _trailer.BlockSizeLog2);

    /// <summary>Reads from this copy alone.</summary>
    /// <exception cref="DamagedDataException">The bytes do not match their checksum, or are not there.</exception>
    private async ValueTask<int> ReadAloneAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!_isChecked)
        {
            await FillAsync(offset, buffer, cancellationToken);
            return buffer.Length;
        }

        if (_mode == VerifyReads.Device && HasVerified(offset, buffer.Length))
        {
            if (_inner.TryReadCached(offset, buffer.Span) == buffer.Length)
            {
                await NoteCachedAsync(offset, offset + buffer.Length);
                return buffer.Length;
            }

            // Some of the blob has left the page cache, so nothing that is there now is known to be what was verified.
            _blobs.Verified.Remove(_id);
        }

        return await VerifyAsync(offset, buffer, cancellationToken);
    }

    /// <summary>Asks that a run of bytes leaves the memory of the machine, so that the next read of it comes from the device.</summary>
    public void DropCached(long offset, long length) => _inner.DropCached(offset, length);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        ReturnWindow();
        return _inner.DisposeAsync();
    }

    private void ReturnWindow()
    {
        if (_window is not null)
        {
            ArrayPool<byte>.Shared.Return(_window);
            _window = null;
            _windowCount = 0;
        }
    }

    /// <summary>Compares the length with what is known, and reads the trailer unless it is known or not needed.</summary>
    /// <exception cref="DamagedDataException">It is damaged, and there is no other copy that is not.</exception>
    internal async ValueTask CheckAsync(long stored, CancellationToken cancellationToken)
    {
        _stored = stored;
        try
        {
            // Where nothing is verified, only bytes that are not there matter.
            bool isOff = _mode == VerifyReads.Off;
            long known = isOff && !_inner.IsBare ? 0 : _stored;
            if (CheckedBlobs.LengthDamage(_id, _inner.Length, _inner.IsBare, _inner.TailAt, _end, known) is { } damage)
            {
                throw Damaged(damage);
            }

            if (isOff || _inner.IsBare)
            {
                return;
            }

            if (_mode == VerifyReads.Device && _blobs.Verified.Find(_id, _inner.Stamp) is { } read && read.StoredLength == _inner.Length)
            {
                _trailer = read;
            }
            else
            {
                await ReadTailAsync(cancellationToken);
            }

            _isChecked = true;
            if (_trailer.PayloadLength < _end)
            {
                throw Damaged(DamageKind.Length, 0, long.MaxValue, $"Blob {_id} has a payload of {_trailer.PayloadLength} bytes instead of at least {_end}.");
            }
        }
        catch (DamagedDataException damage) when (!_isSecond)
        {
            if (!await TryTakeOverAsync(cancellationToken))
            {
                throw await ReportAsync(damage);
            }
        }
    }

    private async ValueTask ReadTailAsync(CancellationToken cancellationToken)
    {
        _window = ArrayPool<byte>.Shared.Rent(TailSize);
        int length = (int)Math.Min(TailSize, _inner.Length);
        await FillAsync(_inner.Length - length, _window.AsMemory(0, length), cancellationToken);
        bool isTrailer = TryReadTrailer(_window.AsSpan(0, length));
        if (!isTrailer || _trailer.Id != _id)
        {
            await FillFromDeviceAsync(_inner.Length - length, _window.AsMemory(0, length), cancellationToken);
            isTrailer = TryReadTrailer(_window.AsSpan(0, length));
            if (isTrailer && _trailer.Id == _id)
            {
                BlobReadErrors.Count();
            }
        }

        if (!isTrailer)
        {
            throw Damaged(DamageKind.Checksum, 0, long.MaxValue, $"Blob {_id} does not end with its trailer.");
        }

        if (_trailer.Id != _id)
        {
            throw Damaged(DamageKind.WrongBlob, 0, long.MaxValue, $"Blob {_id} holds the data of blob {_trailer.Id}.");
        }

        // Usually all the checksums were read along with the trailer; at least the last ones were.
        long count = BlobLayout.BlockCount(_trailer.PayloadLength, _trailer.BlockSizeLog2);
        long before = length - BlobLayout.TrailerSize - _trailer.FooterLength;
        _windowCount = (int)Math.Clamp(before / BlobLayout.ChecksumSize, 0, count);
        _windowFirst = count - _windowCount;
        _windowAt = (int)before - (_windowCount * BlobLayout.ChecksumSize);
    }

    private bool TryReadTrailer(ReadOnlySpan<byte> end) =>
        BlobTrailer.TryRead(end[^Math.Min(BlobLayout.TrailerSize, end.Length)..], _inner.Length, out _trailer);

    /// <summary>Reads blocks as a whole, straight into the buffer if it takes a whole one, and verifies them.</summary>
    private async ValueTask<int> VerifyAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int blockSize = 1 << _trailer.BlockSizeLog2;
        int into = (int)(offset & (blockSize - 1));
        bool reachesEnd = offset + buffer.Length == _trailer.PayloadLength;
        int whole = into != 0 ? 0 : reachesEnd && buffer.Length <= WindowBlocks * (long)blockSize ? buffer.Length : buffer.Length & -blockSize;
        if (whole > 0)
        {
            buffer = buffer[..(int)Math.Min(whole, WindowBlocks * (long)blockSize)];
            await FillVerifiedAsync(offset, buffer, cancellationToken);
            return buffer.Length;
        }

        long start = offset - into;
        int length = (int)Math.Min(blockSize, _trailer.PayloadLength - start);
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Memory<byte> block = rented.AsMemory(0, length);
            await FillVerifiedAsync(start, block, cancellationToken);
            int taken = Math.Min(buffer.Length, length - into);
            block.Slice(into, taken).CopyTo(buffer);
            return taken;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private async ValueTask FillVerifiedAsync(long offset, Memory<byte> blocks, CancellationToken cancellationToken)
    {
        int blockSize = 1 << _trailer.BlockSizeLog2;
        long first = offset >> _trailer.BlockSizeLog2;
        int count = (blocks.Length + blockSize - 1) >> _trailer.BlockSizeLog2;
        if (first < _windowFirst || first + count > _windowFirst + _windowCount)
        {
            await ReadWindowAsync(first, cancellationToken);
        }

        // Taken before the read: if the blob is forgotten meanwhile, what was read may not be what is in memory afterwards.
        VerifiedBlocks.Entry? entry = _mode == VerifyReads.Device ? _blobs.Verified.Begin(_id, _inner.Stamp, _trailer) : null;
        await FillAsync(offset, blocks, cancellationToken);
        for (int i = 0; i < count; i++)
        {
            Memory<byte> block = blocks.Slice(i * blockSize, Math.Min(blockSize, blocks.Length - (i * blockSize)));
            if (!Matches(first + i, block.Span))
            {
                long start = offset + ((long)i * blockSize);
                await FillFromDeviceAsync(start, block, cancellationToken);
                await ReadWindowAsync(first, cancellationToken);
                if (!Matches(first + i, block.Span))
                {
                    throw Damaged(
                        DamageKind.Checksum, start, block.Length, $"Block {first + i} of blob {_id} (bytes {start}-{start + block.Length - 1}) does not match its checksum.");
                }

                BlobReadErrors.Count();
            }
        }

        // The reader may have gone on with another copy, which says nothing of the first.
        if (entry is not null && entry.Stamp == _inner.Stamp)
        {
            _blobs.Verified.Add(entry, first, first + count - 1);
        }

        await NoteAsync(offset, offset + blocks.Length);
    }

    private bool Matches(long block, ReadOnlySpan<byte> bytes) =>
        Crc.Crc64Nvme.Of(bytes) == BinaryPrimitives.ReadUInt64BigEndian(_window.AsSpan(_windowAt + ((int)(block - _windowFirst) * BlobLayout.ChecksumSize)));

    /// <summary>
    /// Reads again what is not as it should be, and the checksums with it, after it was dropped from memory: it may be there that it changed. What came from the device is not dropped: memory
    /// may have the last right copy.
    /// </summary>
    private async ValueTask FillFromDeviceAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        _blobs.Verified.Remove(_id);
        if (!_onDevice)
        {
            _inner.DropCached(offset, buffer.Length);
            long tail = Math.Min(_inner.Length, PayloadLength);
            _inner.DropCached(tail, _inner.Length - tail);
        }

        await FillAsync(offset, buffer, cancellationToken);
    }

    /// <summary>Notes what was read from the page cache. Damage that was found took the blob out of the registry, so all that is in it was verified since.</summary>
    private ValueTask NoteCachedAsync(long offset, long end)
    {
        long mask = -(1L << _trailer.BlockSizeLog2);
        return NoteAsync(offset & mask, Math.Min((end - 1 & mask) - mask, _trailer.PayloadLength));
    }

    private ValueTask NoteAsync(long start, long end) => _sink.VerifiedAsync(_id.Value, start, end == _trailer.PayloadLength ? long.MaxValue : end);

    private async ValueTask ReadWindowAsync(long first, CancellationToken cancellationToken)
    {
        _window ??= ArrayPool<byte>.Shared.Rent(TailSize);

        // If the read fails, the buffer has nothing.
        _windowCount = 0;
        int count = (int)Math.Min(WindowBlocks, BlobLayout.BlockCount(_trailer.PayloadLength, _trailer.BlockSizeLog2) - first);
        await FillAsync(_table ?? _inner, _trailer.PayloadLength + (first * BlobLayout.ChecksumSize), _window.AsMemory(0, count * BlobLayout.ChecksumSize), cancellationToken);
        (_windowFirst, _windowAt, _windowCount) = (first, 0, count);
    }

    private ValueTask FillAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) => FillAsync(_inner, offset, buffer, cancellationToken);

    /// <summary>Fills the buffer; what is in memory is read without a detour over another thread.</summary>
    private async ValueTask FillAsync(IBlobReader reader, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int filled = _onDevice ? 0 : reader.TryReadCached(offset, buffer.Span);
        while (filled < buffer.Length)
        {
            int read = _onDevice
                ? await reader.ReadDeviceAsync(offset + filled, buffer[filled..], cancellationToken)
                : await reader.ReadAsync(offset + filled, buffer[filled..], cancellationToken);
            if (read == 0)
            {
                throw Damaged(DamageKind.Length, offset + filled, long.MaxValue, $"Blob {_id} ends after {offset + filled} of {reader.Length} bytes.");
            }

            filled += read;
        }
    }
}
