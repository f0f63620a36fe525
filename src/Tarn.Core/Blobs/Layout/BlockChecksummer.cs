using System.Buffers.Binary;
using Tarn.Core.Hashing;

namespace Tarn.Core.Blobs.Layout;

/// <summary>
/// Computes the CRC64NVME of each block of a payload that arrives in pieces, and from these that of the whole payload, in one pass.
/// </summary>
/// <param name="expectedLength">The payload's length in bytes if known; null if not.</param>
internal sealed class BlockChecksummer(long? expectedLength = null)
{
    private static readonly Crc Crc = Crc.Crc64Nvme;
    private static readonly ulong ShiftOverBlock = Crc.Field.ShiftOverBytes(BlobLayout.BlockSize);

    private ulong[] _blocks = new ulong[Math.Clamp(BlobLayout.BlockCount(expectedLength ?? 0, BlobLayout.BlockSizeLog2), 4, 4096)];
    private ulong _register = Crc.Mask;
    private ulong _whole;
    private int _inBlock;

    /// <summary>Bytes appended.</summary>
    public long Length { get; private set; }

    /// <summary>How many blocks were begun.</summary>
    public int Count { get; private set; }

    /// <summary>The CRC64NVME of all bytes appended.</summary>
    public ulong Whole => _inBlock == 0
        ? _whole
        : Crc.Field.Multiply(_whole, Crc.Field.ShiftOverBytes(_inBlock)) ^ _register ^ Crc.Mask;

    /// <summary>Adds the next bytes of the payload.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        Length += data.Length;
        while (!data.IsEmpty)
        {
            ReadOnlySpan<byte> taken = data[..Math.Min(BlobLayout.BlockSize - _inBlock, data.Length)];
            _register = Crc.Update(_register, taken);
            _inBlock += taken.Length;
            data = data[taken.Length..];
            Note(_register ^ Crc.Mask, isNew: _inBlock == taken.Length);
            if (_inBlock == BlobLayout.BlockSize)
            {
                _whole = Crc.Field.Multiply(_whole, ShiftOverBlock) ^ _register ^ Crc.Mask;
                _register = Crc.Mask;
                _inBlock = 0;
            }
        }
    }

    /// <summary>Writes the checksums of the blocks, each big-endian.</summary>
    /// <param name="destination">Receives <see cref="Count"/> times <see cref="BlobLayout.ChecksumSize"/> bytes.</param>
    public void Write(Span<byte> destination)
    {
        for (int i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(destination[(i * BlobLayout.ChecksumSize)..], _blocks[i]);
        }
    }

    /// <summary>Writes the CRC64NVME of all bytes appended, big-endian, as <see cref="StreamHasher.Finish()"/> does.</summary>
    public byte[] WholeBytes()
    {
        byte[] value = new byte[Crc.Size];
        Crc.Write(Whole, value);
        return value;
    }

    private void Note(ulong checksum, bool isNew)
    {
        if (isNew)
        {
            if (Count == _blocks.Length)
            {
                Array.Resize(ref _blocks, Count * 2);
            }

            Count++;
        }

        _blocks[Count - 1] = checksum;
    }
}
