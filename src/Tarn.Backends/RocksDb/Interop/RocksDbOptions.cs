using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb.Interop;

/// <summary>How an embedded store is opened. The defaults make it durable and keep it within about 100 MiB of memory.</summary>
public sealed record RocksDbOptions
{
    /// <summary>Whether every commit waits for the device. If not, a crash of the machine (but not of the process) may lose the last commits.</summary>
    public bool SyncWrites { get; init; } = true;

    /// <summary>Bytes of the block cache, which also holds indexes and filters.</summary>
    public long BlockCacheBytes { get; init; } = 32L << 20;

    /// <summary>Bytes of one table of recent writes; at most <see cref="WriteBuffers"/> of them exist.</summary>
    public long WriteBufferBytes { get; init; } = 16L << 20;

    /// <summary>The maximum number of tables of recent writes, including those being flushed.</summary>
    public int WriteBuffers { get; init; } = 3;

    /// <summary>Values of at least this many bytes are stored in separate files, so that compaction does not rewrite them.</summary>
    public long MinBlobBytes { get; init; } = 2 << 10;

    /// <summary>The maximum number of files to keep open.</summary>
    public int MaxOpenFiles { get; init; } = 512;

    /// <summary>Threads for flushes and compactions.</summary>
    public int BackgroundJobs { get; init; } = 2;

    /// <summary>
    /// Bytes on the device reserved for removals: with less free, other commits are refused. Half of it is preallocated in files
    /// where the file system can; see <see cref="RocksDb.RocksDbReserve"/>.
    /// </summary>
    public long ReserveBytes { get; init; } = 128L << 20;

    /// <summary>
    /// Opens a damaged store although acknowledged changes after this number are lost. The error message names the number, so that
    /// the option accepts only the damage that it was given for. Null accepts none.
    /// </summary>
    public ulong? AcceptLossAfter { get; init; }

    /// <summary>Which of RocksDB's own checks are on.</summary>
    public RocksDbChecks Checks { get; init; } = new();

    /// <summary>Called with the first failed write, after which the store refuses writes.</summary>
    public Action<Exception>? Failed { get; init; }

    /// <summary>Called on the reading thread with each read that met damage, before it throws. Other rows stay readable.</summary>
    public Action<StoreDamagedException>? Damaged { get; init; }

    /// <summary>Called with what is lost before a store is opened without rows that it had acknowledged, and before anything is written. If it throws, the store is not opened.</summary>
    public Action<string>? Losing { get; init; }

    /// <summary>Called with a sentence about what was lost or left out when the store was opened, or what impairs it later.</summary>
    public Action<string>? Notice { get; init; }
}
