using Tarn.Backends.Native;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Backends.RocksDb.Recovery;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb;

/// <summary>Opens a database with the options that suit metadata: small records, bounded memory, a quick start.</summary>
internal static class RocksDbOpener
{
    private const int Lz4 = 4;
    private const int TableFormatVersion = 6; // Checksums include a block's position, so that a misplaced block is detected.
    private const int TwoLevelIndex = 2;
    private const ulong MetadataBlockBytes = 8 << 10;
    private const double BloomBitsPerKey = 10;
    private const int TableBlockBytes = 8 << 10;
    private const long BlobFileBytes = 128L << 20;
    private const long LogFileBytes = 4L << 20;
    private const int LogFiles = 8; // Each start creates two.
    private const int PointInTime = 2; // Recovers what precedes the first damage.
    private const long CheckCacheBytes = 1L << 20;
    private const long BytesPerSync = 1L << 20;

    /// <summary>Opens the database, and creates it if there is none.</summary>
    /// <exception cref="StoreDamagedException">Opening it would lose acknowledged writes; nothing was changed.</exception>
    public static DatabaseHandle Open(string directory, RocksDbOptions options)
    {
        NativeHeap.KeepSmall();
        bool exists = RecoveryCheck.Run(directory, options, () => Look(directory, options));
        DatabaseHandle database = Open(directory, options, exists, onlyReads: false);
        LowerCompactionPriority();
        return database;
    }

    /// <summary>Opens a database to read, without changing anything.</summary>
    /// <exception cref="StoreDamagedException">There is none, or it does not have all acknowledged writes.</exception>
    public static DatabaseHandle OpenToRead(string directory, RocksDbOptions options)
    {
        NativeHeap.KeepSmall();
        return RecoveryCheck.Run(directory, options, () => Look(directory, options))
            ? Open(directory, options, exists: true, onlyReads: true)
            : throw new StoreDamagedException($"there is no metadata store in {directory}.");
    }

    /// <summary>Opens a database to read, and returns what RocksDB recovers of it.</summary>
    public static RecoveryOutlook Look(string directory, RocksDbOptions options)
    {
        using DatabaseHandle look = Open(directory, options with { BlockCacheBytes = CheckCacheBytes }, exists: true, onlyReads: true);
        return new RecoveryOutlook(RocksDbNative.LastChange(look), FirstLog(look), LiveFile.All(look));
    }

    private static ulong FirstLog(DatabaseHandle database) =>
        RocksDbNative.GetNumber(database, "rocksdb.min-log-number-to-keep", out ulong number) == 0
            ? number
            : throw new InvalidOperationException("RocksDB does not report which of its logs it needs.");

    private static DatabaseHandle Open(string directory, RocksDbOptions options, bool exists, bool onlyReads)
    {
        nint native = RocksDbNative.CreateOptions();
        nint table = RocksDbNative.CreateTableOptions();
        nint cache = RocksDbNative.CreateLruCache((nuint)options.BlockCacheBytes);
        nint environment = RocksDbNative.DefaultEnvironment();

        // Lets the database recover by itself once a full device has room again, instead of failing permanently.
        nint space = RocksDbNative.CreateSpaceManager(environment);
        RocksDbNative.DestroyEnvironment(environment);
        try
        {
            ConfigureTables(table, cache);
            RocksDbIntegrity.ConfigureTables(table, options.Checks);
            Configure(native, options);
            RocksDbIntegrity.Configure(native, options.Checks);
            RocksDbNative.SetTableFactory(native, table);
            RocksDbNative.SetSpaceManager(native, space);
            RocksDbNative.SetCreateIfMissing(native, exists ? (byte)0 : (byte)1);
            nint database = onlyReads
                ? RocksDbNative.OpenForReading(native, directory, 0, out nint error)
                : RocksDbNative.Open(native, directory, out error);
            return error == 0
                ? new DatabaseHandle(database)
                : throw RocksDbError.ToOpenException(RocksDbError.Take(error), directory);
        }
        finally
        {
            // The database holds its own references.
            RocksDbNative.DestroyOptions(native);
            RocksDbNative.DestroyTableOptions(table);
            RocksDbNative.DestroyCache(cache);
            RocksDbNative.DestroySpaceManager(space);
        }
    }

    // Compaction can wait, requests cannot. Flushes, which writers may have to wait for, have a pool of their own.
    private static void LowerCompactionPriority()
    {
        nint environment = RocksDbNative.DefaultEnvironment();
        RocksDbNative.LowerCompactionPriority(environment);
        RocksDbNative.DestroyEnvironment(environment);
    }

    private static void ConfigureTables(nint table, nint cache)
    {
        RocksDbNative.SetBlockCache(table, cache);
        RocksDbNative.SetBlockSize(table, TableBlockBytes);
        RocksDbNative.SetFormatVersion(table, TableFormatVersion);
        RocksDbNative.SetFilterPolicy(table, RocksDbNative.CreateBloomFilter(BloomBitsPerKey));

        // In the cache, indexes and filters count against its limit however many keys there are.
        RocksDbNative.SetCacheIndexAndFilterBlocks(table, 1);
        RocksDbNative.SetCacheIndexAndFilterBlocksWithHighPriority(table, 1);
        RocksDbNative.SetPinL0FilterAndIndexBlocksInCache(table, 1);

        // In partitions: the whole filter of a large table is larger than a shard of the cache, which then never keeps it, so that
        // every read would load and check megabytes.
        RocksDbNative.SetIndexType(table, TwoLevelIndex);
        RocksDbNative.SetPartitionFilters(table, 1);
        RocksDbNative.SetMetadataBlockSize(table, MetadataBlockBytes);
        RocksDbNative.SetPinTopLevelIndexAndFilter(table, 1);
    }

    private static void Configure(nint native, RocksDbOptions options)
    {
        RocksDbNative.SetLogRecoveryMode(native, PointInTime);
        RocksDbNative.SetWriteBufferSize(native, (nuint)options.WriteBufferBytes);
        RocksDbNative.SetMaxWriteBufferNumber(native, options.WriteBuffers);

        // The most that a start after a crash replays.
        RocksDbNative.SetMaxTotalWalSize(native, (ulong)(options.WriteBufferBytes * options.WriteBuffers));
        RocksDbNative.SetMaxOpenFiles(native, options.MaxOpenFiles);
        RocksDbNative.SetMaxBackgroundJobs(native, options.BackgroundJobs);
        RocksDbNative.SetSkipStatsUpdateOnOpen(native, 1);
        RocksDbNative.SetBytesPerSync(native, (ulong)BytesPerSync);

        RocksDbNative.SetCompression(native, Lz4);
        RocksDbNative.SetLevelCompactionDynamicLevelBytes(native, 1);
        RocksDbNative.SetEnableBlobFiles(native, 1);
        RocksDbNative.SetMinBlobSize(native, (ulong)options.MinBlobBytes);
        RocksDbNative.SetBlobFileSize(native, (ulong)BlobFileBytes);
        RocksDbNative.SetEnableBlobGc(native, 1);

        RocksDbNative.SetKeepLogFileNum(native, LogFiles);
        RocksDbNative.SetMaxLogFileSize(native, (nuint)LogFileBytes);
        RocksDbNative.SetStatsDumpPeriod(native, 0);
        RocksDbNative.SetStatsPersistPeriod(native, 0);
    }
}
