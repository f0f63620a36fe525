using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;
using Tarn.Server.Configuration;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Storage;

/// <summary>Opens the metadata of a data directory, unless that would lose data, and logs its failures.</summary>
internal static partial class MetadataStore
{
    /// <exception cref="StartupException">The metadata cannot be opened, or must not be.</exception>
    public static RocksDbKeyValueStore Open(DataDirectory data, ServerOptions options, int openFiles, StoreHealth health, ILogger logger)
    {
        AddThreads(1);
        try
        {
            return Open(data, options, openFiles, logger, new MetadataDamage(health, logger, data.Metadata).Add, cause =>
            {
                health.Fail();
                LogFailed(logger, data.Metadata, cause);
            });
        }
        catch (Exception e) when (e is StoreLockedException or StoreDamagedException)
        {
            throw new StartupException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            throw new StartupException($"cannot open the metadata in {data.Metadata}: {e.Message}", e);
        }
    }

    /// <summary>
    /// Has the pool begin with more threads. One at a time may wait with a commit for the device of each store; the others must still be as many as the processors.
    /// </summary>
    /// <param name="stores">How many stores there are.</param>
    public static void AddThreads(int stores)
    {
        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + stores), completions);
    }

    /// <summary>Opens the metadata of one side of a mirror, which finds out by itself that a read or a write failed.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static RocksDbKeyValueStore OpenSide(DataDirectory data, ServerOptions options, int openFiles, ILogger logger) =>
        Open(data, options, openFiles, logger, damaged: null, failed: null);

    private static RocksDbKeyValueStore Open(
        DataDirectory data, ServerOptions options, int openFiles, ILogger logger, Action<StoreDamagedException>? damaged, Action<Exception>? failed) =>
        RocksDbKeyValueStore.Open(data.Metadata, new RocksDbOptions
        {
            SyncWrites = options.Durability == Durability.Full,
            MaxOpenFiles = openFiles,
            AcceptLossAfter = options.AcceptLogLoss,
            Damaged = damaged,
            Losing = lost => KeptOrphans.Keep(data.Root, $"Rows were lost from the metadata: {lost}."),
            Notice = notice => LogNotice(logger, notice),
            Failed = failed,
        });

    [LoggerMessage(EventIds.MetadataNotice, LogLevel.Warning, "Metadata: {Notice}")]
    private static partial void LogNotice(ILogger logger, string notice);

    [LoggerMessage(EventIds.MetadataFailed, LogLevel.Critical, "A write to the metadata store {Directory} failed. Reads continue, but every write is refused with 503 and the server is not ready "
        + "until it is restarted: what reached the disk after the failed write is unknown. Check the disk (the kernel's log, free space), then restart the server; every acknowledged write is kept")]
    private static partial void LogFailed(ILogger logger, string directory, Exception exception);
}
