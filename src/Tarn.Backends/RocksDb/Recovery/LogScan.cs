using System.Buffers.Binary;

namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>Reads one of RocksDB's logs. A record is one batch: the number of its first change, the count of changes, and the changes.</summary>
internal sealed class LogScan : RecordScan
{
    private const int BatchHeaderBytes = 12;

    private LogScan(string path, ulong number) : base(path, BatchHeaderBytes) => Number = number;

    /// <summary>The number in its name; later logs have higher numbers.</summary>
    public ulong Number { get; }

    /// <summary>The number of the first change of the first complete batch; 0 when there is none.</summary>
    public ulong FirstChange { get; private set; }

    /// <summary>The number of the last change of any complete batch, including those after damage; 0 when there is none.</summary>
    public ulong LastChange { get; private set; }

    /// <summary>The number of the last change of the complete batches before damage; 0 when there is none.</summary>
    public ulong LastChangeBeforeDamage { get; private set; }

    /// <summary>Reads all logs of a database from number <paramref name="from"/> on, in order.</summary>
    /// <exception cref="IOException">One cannot be read.</exception>
    public static List<LogScan> All(string directory, ulong from) =>
    [
        .. RocksDbFiles.Logs(directory)
            .Where(log => log.Number >= from)
            .OrderBy(log => log.Number)
            .Select(log => Of(log.Path, log.Number)),
    ];

    /// <summary>Reads one log.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static LogScan Of(string path, ulong number)
    {
        LogScan scan = new(path, number);
        scan.Read();
        return scan;
    }

    protected override bool Record(ReadOnlySpan<byte> head)
    {
        if (head.Length < BatchHeaderBytes)
        {
            return false;
        }

        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(head);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
        if (count > 0)
        {
            FirstChange = FirstChange == 0 ? first : FirstChange;
            LastChange = Math.Max(LastChange, first + count - 1);
            LastChangeBeforeDamage = DamagedAt is null ? LastChange : LastChangeBeforeDamage;
        }

        return true;
    }
}
