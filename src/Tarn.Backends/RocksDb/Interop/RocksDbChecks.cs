namespace Tarn.Backends.RocksDb.Interop;

/// <summary>
/// Which of RocksDB's own checks are on. The checks that cost nothing are always on and are not here; what these cost, and why some are off,
/// is in docs/design/metadata-integrity.md. Only benchmarks change them.
/// </summary>
public sealed record RocksDbChecks
{
    /// <summary>None of them: what the others are measured against.</summary>
    public static RocksDbChecks None { get; } = new()
    {
        BatchBytes = 0,
        MemoryBytes = 0,
        BlockBytes = 0,
        HasFileChecksums = false,
        VerifiesWhatItBuilds = false,
    };

    /// <summary>Bytes of checksum for each row from the moment it enters a batch until it is in the log and in memory: 0 or 8.</summary>
    public int BatchBytes { get; init; } = 8;

    /// <summary>Bytes of checksum that a row keeps in the table of recent writes, verified when it is read or flushed: 0, 1, 2, 4 or 8.</summary>
    public int MemoryBytes { get; init; } = 8;

    /// <summary>Whether a scan of the table of recent writes verifies the rows that it passes, too.</summary>
    public bool VerifiesMemoryOnSeek { get; init; }

    /// <summary>Whether reads verify that rows in memory are in order.</summary>
    public bool VerifiesMemoryOrder { get; init; }

    /// <summary>Bytes of checksum for each row of a block while the block is in the cache: 0, 1, 2, 4 or 8.</summary>
    public int BlockBytes { get; init; } = 8;

    /// <summary>Whether each log records its predecessor.</summary>
    public bool ChainsLogs { get; init; }

    /// <summary>Whether the manifest has the CRC-32C of each table and blob file.</summary>
    public bool HasFileChecksums { get; init; } = true;

    /// <summary>Whether the checksum of what is written is verified again once it is in the buffer that goes to the file.</summary>
    public bool HandsChecksumsOn { get; init; }

    /// <summary>Whether compressed blocks and filters are verified against their sources before they are written.</summary>
    public bool VerifiesWhatItBuilds { get; init; } = true;

    /// <summary>Whether a table is read back and compared when it is complete.</summary>
    public bool ReadsTablesBack { get; init; }
}
