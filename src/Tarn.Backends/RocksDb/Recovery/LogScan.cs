using System.Buffers.Binary;
using System.Numerics;

namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>
/// Reads one of RocksDB's logs without RocksDB, which stops at the first damaged record and does not report what
/// follows it. Source: "Write Ahead Log File Format" of RocksDB's wiki, and db/log_format.h.
/// </summary>
/// <remarks>
/// A log is a file of 32 KiB blocks. A record has a header (masked CRC-32C of what follows the length; length; type) and lies in one block; a longer
/// one is split into fragments. Together they are one batch: the number of its first change, the count of changes, and the changes.
/// </remarks>
internal sealed class LogScan
{
    private const int BlockBytes = 32 << 10;
    private const int HeaderBytes = 7;
    private const int RecyclableHeaderBytes = 11;
    private const int BatchHeaderBytes = 12;
    private const uint CrcMask = 0xA282EAD8;

    // Types of db/log_format.h. Types 4 higher have the log's number in the header; those from 9 on describe the log itself.
    private const int First = 2;
    private const int Last = 4;
    private const int LastRecyclable = 8;

    private static readonly byte[] KnownAbout = [9, 10, 11, 130, 131];

    private readonly byte[] _batch = new byte[BatchHeaderBytes];
    private int _batchBytes;
    private long _batchStart = -1;

    private LogScan(string path, ulong number)
    {
        Path = path;
        Number = number;
    }

    public string Path { get; }

    /// <summary>The number in its name; later logs have higher numbers.</summary>
    public ulong Number { get; }

    /// <summary>The number of the last change of any complete batch, including those after damage; 0 when there is none.</summary>
    public ulong LastChange { get; private set; }

    /// <summary>The offset in bytes of the first incomplete record; null when all are complete.</summary>
    public long? DamagedAt { get; private set; }

    /// <summary>The number of complete batches after <see cref="DamagedAt"/>.</summary>
    public int BatchesBehind { get; private set; }

    /// <summary>Reads all logs of a database from number <paramref name="from"/> on, in order.</summary>
    /// <exception cref="IOException">One cannot be read.</exception>
    public static List<LogScan> All(string directory, ulong from) =>
    [
        .. RocksDbFiles.Logs(directory)
            .Where(log => log.Number >= from)
            .OrderBy(log => log.Number)
            .Select(log => Read(log.Path, log.Number)),
    ];

    private static LogScan Read(string path, ulong number)
    {
        var scan = new LogScan(path, number);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        byte[] block = new byte[BlockBytes];
        long at = 0;
        while (file.ReadAtLeast(block, BlockBytes, throwOnEndOfStream: false) is > 0 and int length)
        {
            scan.ReadBlock(block.AsSpan(0, length), at);
            at += length;
        }

        if (scan._batchStart >= 0)
        {
            scan.Damaged(scan._batchStart);
        }

        return scan;
    }

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
            if (isPlausible && Crc(block[(at + 6)..end]) == BinaryPrimitives.ReadUInt32LittleEndian(header))
            {
                Fragment(type, block[(at + headerBytes)..end], start + at);
            }
            else
            {
                Damaged(_batchStart >= 0 ? _batchStart : start + at);
                _batchStart = -1;
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
            Damaged(_batchStart >= 0 ? _batchStart : start + at);
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
        if (begins == (_batchStart >= 0))
        {
            // A start inside a batch, or a continuation without a start.
            Damaged(begins ? _batchStart : at);
            _batchStart = -1;
            if (!begins)
            {
                return;
            }
        }

        if (begins)
        {
            _batchStart = at;
            _batchBytes = 0;
        }

        int taken = Math.Min(payload.Length, BatchHeaderBytes - _batchBytes);
        payload[..taken].CopyTo(_batch.AsSpan(_batchBytes));
        _batchBytes += taken;
        if (type is 1 or Last)
        {
            Batch(_batchStart);
            _batchStart = -1;
        }
    }

    private void Batch(long at)
    {
        if (_batchBytes < BatchHeaderBytes)
        {
            Damaged(at);
            return;
        }

        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(_batch);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(_batch.AsSpan(8));
        if (count > 0)
        {
            LastChange = Math.Max(LastChange, first + count - 1);
            BatchesBehind += DamagedAt is null ? 0 : 1;
        }
    }

    private void Damaged(long at) => DamagedAt ??= at;

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (byte b in data)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return BitOperations.RotateRight(~crc, 15) + CrcMask;
    }
}
