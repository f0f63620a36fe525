namespace Tarn.Backends.RocksDb.Interop;

/// <summary>How an embedded store is opened. The defaults keep it durable, and within about 100 MiB of memory.</summary>
public sealed record RocksDbOptions
{
    /// <summary>Waits for the device on every commit. Off, a crash of the machine (not of the process) may lose the last commits.</summary>
    public bool SyncWrites { get; init; } = true;

    /// <summary>Bytes of the block cache, which holds indexes and filters too.</summary>
    public long BlockCacheBytes { get; init; } = 32L << 20;

    /// <summary>Bytes of one table of recent writes; at most <see cref="WriteBuffers"/> of them exist.</summary>
    public long WriteBufferBytes { get; init; } = 16L << 20;

    /// <summary>How many tables of recent writes there may be, the ones being flushed included.</summary>
    public int WriteBuffers { get; init; } = 3;

    /// <summary>Values of this many bytes and more go to files of their own, so that compaction does not rewrite them.</summary>
    public long MinBlobBytes { get; init; } = 2 << 10;

    /// <summary>Files kept open at once.</summary>
    public int MaxOpenFiles { get; init; } = 512;

    /// <summary>Threads for flushes and compactions.</summary>
    public int BackgroundJobs { get; init; } = 2;

    /// <summary>
    /// Room on the device that is kept for removals: with less, a commit that is none is refused. Half of it is set aside in files
    /// where the file system can; see <see cref="RocksDb.RocksDbReserve"/>.
    /// </summary>
    public long ReserveBytes { get; init; } = 128L << 20;

    /// <summary>
    /// Opens a damaged store although acknowledged changes behind this number are lost. The refusal names the number, so that
    /// it accepts no other damage than the one it was given for. Null accepts none.
    /// </summary>
    public ulong? AcceptLossAfter { get; init; }

    /// <summary>Told of the first write that failed, after which the store takes no more; on the committing thread.</summary>
    public Action<Exception>? Failed { get; init; }

    /// <summary>Told in a sentence of what was lost or left out when the store was opened, and of what weakens it later.</summary>
    public Action<string>? Notice { get; init; }
}
