using System.Buffers.Binary;

namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>
/// Reads a file of records, which RocksDB's logs and manifests are, without RocksDB, which stops at the first damaged record and does not report
/// what follows it. Source: "Write Ahead Log File Format" of RocksDB's wiki, and db/log_format.h.
/// </summary>
/// <remarks>
/// The file consists of 32 KiB blocks. A fragment has a header (masked CRC-32C of what follows the length; length; type) and lies in one block; a record
/// is one fragment or several.
/// </remarks>
internal abstract class RecordScan
{
    private const int BlockBytes = 32 << 10;
    private const int HeaderBytes = 7;
    private const int RecyclableHeaderBytes = 11;

    // Types of db/log_format.h. Types 4 higher have the log's number in the header; those from 9 on describe the log itself.
    private const int First = 2;
    private const int Last = 4;
    private const int LastRecyclable = 8;

    private static readonly byte[] KnownAbout = [9, 10, 11, 130, 131];

    private readonly byte[] _head;
    private int _headBytes;
    private long _start = -1;

    /// <param name="path">The file.</param>
    /// <param name="headBytes">How many bytes of a record are kept for <see cref="Record"/>.</param>
    protected RecordScan(string path, int headBytes)
    {
        Path = path;
        _head = new byte[headBytes];
    }

    public string Path { get; }

    /// <summary>The offset in bytes of the first incomplete record; null when all are complete.</summary>
    public long? DamagedAt { get; private set; }

    /// <summary>The number of complete records after <see cref="DamagedAt"/>.</summary>
    public int RecordsBehind { get; private set; }

    /// <summary>How many bytes were read.</summary>
    public long Bytes { get; private set; }

    /// <summary>Reads the file, as far as it reaches now.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    protected void Read()
    {
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        byte[] block = new byte[BlockBytes];
        long end = file.Length;
        for (long at = 0; at < end;)
        {
            int wanted = (int)Math.Min(BlockBytes, end - at);
            int length = file.ReadAtLeast(block.AsSpan(0, wanted), wanted, throwOnEndOfStream: false);
            if (length == 0)
            {
                break;
            }

            ReadBlock(block.AsSpan(0, length), at);
            at += length;
            Bytes = at;
        }

        if (_start >= 0)
        {
            Damaged(_start);
        }
    }

    /// <summary>Takes a complete record; false when its content cannot be what the file should hold.</summary>
    /// <param name="head">Its first bytes.</param>
    protected abstract bool Record(ReadOnlySpan<byte> head);

    // A rest too short for a header ends a block, also in the file's last block.
    private void ReadBlock(ReadOnlySpan<byte> block, long start)
    {
        int at = 0;
        while (block.Length - at >= HeaderBytes)
        {
            ReadOnlySpan<byte> header = block[at..];
            int type = header[6];
            int headerBytes = type is (> Last and <= LastRecyclable) or 11 or 131 ? RecyclableHeaderBytes : HeaderBytes;
            int end = at + headerBytes + BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
            bool isPlausible = end <= block.Length && (type is > 0 and <= LastRecyclable || KnownAbout.Contains((byte)type));
            if (isPlausible && Crc32C.Mask(Crc32C.Of(block[(at + 6)..end])) == BinaryPrimitives.ReadUInt32LittleEndian(header))
            {
                Fragment(type, block[(at + headerBytes)..end], start + at);
            }
            else
            {
                Damaged(_start >= 0 ? _start : start + at);
                _start = -1;
                if (!isPlausible)
                {
                    // The next record can be found only at the next block.
                    return;
                }
            }

            at = end;
        }

        if (block.Length < BlockBytes && block.Length > at)
        {
            Damaged(_start >= 0 ? _start : start + at);
        }
    }

    private void Fragment(int type, ReadOnlySpan<byte> payload, long at)
    {
        if (type > LastRecyclable)
        {
            return;
        }

        type = type > Last ? type - Last : type;
        bool begins = type <= First;
        if (begins == (_start >= 0))
        {
            // A start inside a record, or a continuation without a start.
            Damaged(begins ? _start : at);
            _start = -1;
            if (!begins)
            {
                return;
            }
        }

        if (begins)
        {
            _start = at;
            _headBytes = 0;
        }

        int taken = Math.Min(payload.Length, _head.Length - _headBytes);
        payload[..taken].CopyTo(_head.AsSpan(_headBytes));
        _headBytes += taken;
        if (type is 1 or Last)
        {
            if (Record(_head.AsSpan(0, _headBytes)))
            {
                RecordsBehind += DamagedAt is null ? 0 : 1;
            }
            else
            {
                Damaged(_start);
            }

            _start = -1;
        }
    }

    private void Damaged(long at) => DamagedAt ??= at;
}
