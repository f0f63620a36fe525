using System.Buffers.Binary;

namespace Tarn.Core.Hashing.Lanes;

/// <summary>
/// MD5 of one message that arrives in pieces. The platform's library hides its state; this one can be moved between the scalar code and a lane
/// after any block. Source: RFC 1321.
/// </summary>
internal sealed unsafe class Md5State
{
    /// <summary>Bytes.</summary>
    public const int BlockSize = 64;

    /// <summary>Bytes of the result.</summary>
    public const int HashSize = 16;

    private const int LengthSize = sizeof(ulong);

    private readonly uint[] _words = new uint[4];
    private readonly byte[] _incomplete = new byte[BlockSize];
    private ulong _length;

    public Md5State() => Reset();

    /// <summary>The words A, B, C and D after the blocks so far.</summary>
    public Span<uint> Words => _words;

    private int Kept => (int)(_length % BlockSize);

    /// <summary>Adds the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        data = Complete(data);
        int whole = data.Length / BlockSize;
        fixed (byte* start = data)
        {
            Compress(start, (nuint)whole);
        }

        data = data[(whole * BlockSize)..];
        data.CopyTo(_incomplete);
        _length += (uint)data.Length;
    }

    /// <summary>Adds bytes until the block that is incomplete is complete, and returns the others. If there are any, the next block begins with them.</summary>
    public ReadOnlySpan<byte> Complete(ReadOnlySpan<byte> data)
    {
        int kept = Kept;
        if (kept == 0)
        {
            return data;
        }

        int taken = Math.Min(BlockSize - kept, data.Length);
        data[..taken].CopyTo(_incomplete.AsSpan(kept));
        if (kept + taken < BlockSize)
        {
            _length += (uint)taken;
            return default;
        }

        _length -= (uint)kept;
        fixed (byte* block = _incomplete)
        {
            Compress(block, 1);
        }

        return data[taken..];
    }

    /// <summary>Adds whole blocks. No block is incomplete.</summary>
    public void Compress(byte* data, nuint blocks)
    {
        fixed (uint* words = _words)
        {
            Md5Kernel.Scalar.Compress(words, &data, blocks);
        }

        Skip(blocks);
    }

    /// <summary>Counts whole blocks that a lane has added to <see cref="Words"/>. No block is incomplete.</summary>
    public void Skip(nuint blocks) => _length += blocks * BlockSize;

    /// <summary>Writes the hash of everything appended, and starts afresh.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than <see cref="HashSize"/>.</exception>
    public void Finish(Span<byte> destination)
    {
        if (destination.Length < HashSize)
        {
            throw new ArgumentException($"An MD5 takes {HashSize} bytes, not {destination.Length}.", nameof(destination));
        }

        ulong bits = _length * 8;
        Span<byte> padding = stackalloc byte[2 * BlockSize];
        padding.Clear();
        padding[0] = 0x80;
        int length = ((2 * BlockSize) - 1 - LengthSize - Kept) % BlockSize + 1;
        BinaryPrimitives.WriteUInt64LittleEndian(padding[length..], bits);
        Append(padding[..(length + LengthSize)]);
        for (int i = 0; i < _words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination[(i * sizeof(uint))..], _words[i]);
        }

        Reset();
    }

    private void Reset()
    {
        _words[0] = 0x67452301;
        _words[1] = 0xEFCDAB89;
        _words[2] = 0x98BADCFE;
        _words[3] = 0x10325476;
        _length = 0;
    }
}
