using System.Runtime.InteropServices;

namespace Tarn.Backends.RocksDb.Interop;

/// <summary>The options half of the binding.</summary>
internal static unsafe partial class RocksDbNative
{
    private const string SetOption = Prefix + "options_set_";
    private const string SetTableOption = Prefix + "block_based_options_set_";

    [LibraryImport(Library, EntryPoint = Prefix + "options_create")]
    internal static partial nint CreateOptions();

    [LibraryImport(Library, EntryPoint = Prefix + "options_destroy")]
    internal static partial void DestroyOptions(nint options);

    [LibraryImport(Library, EntryPoint = Prefix + "sst_file_manager_create")]
    internal static partial nint CreateSpaceManager(nint environment);

    [LibraryImport(Library, EntryPoint = Prefix + "sst_file_manager_destroy")]
    internal static partial void DestroySpaceManager(nint manager);

    [LibraryImport(Library, EntryPoint = SetOption + "sst_file_manager")]
    internal static partial void SetSpaceManager(nint options, nint manager);

    [LibraryImport(Library, EntryPoint = SetOption + "create_if_missing")]
    internal static partial void SetCreateIfMissing(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "write_buffer_size")]
    internal static partial void SetWriteBufferSize(nint options, nuint bytes);

    [LibraryImport(Library, EntryPoint = SetOption + "max_write_buffer_number")]
    internal static partial void SetMaxWriteBufferNumber(nint options, int count);

    [LibraryImport(Library, EntryPoint = SetOption + "max_open_files")]
    internal static partial void SetMaxOpenFiles(nint options, int count);

    [LibraryImport(Library, EntryPoint = SetOption + "max_background_jobs")]
    internal static partial void SetMaxBackgroundJobs(nint options, int count);

    [LibraryImport(Library, EntryPoint = SetOption + "max_total_wal_size")]
    internal static partial void SetMaxTotalWalSize(nint options, ulong bytes);

    [LibraryImport(Library, EntryPoint = SetOption + "wal_recovery_mode")]
    internal static partial void SetLogRecoveryMode(nint options, int mode);

    [LibraryImport(Library, EntryPoint = SetOption + "paranoid_checks")]
    internal static partial void SetParanoidChecks(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "track_and_verify_wals")]
    internal static partial void SetChainLogs(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "verify_sst_unique_id_in_manifest")]
    internal static partial void SetVerifyTableIds(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "verify_manifest_content_on_close")]
    internal static partial void SetVerifyManifestOnClose(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "flush_verify_memtable_count")]
    internal static partial void SetVerifyFlushCount(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "compaction_verify_record_count")]
    internal static partial void SetVerifyCompactionCount(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "force_consistency_checks")]
    internal static partial void SetForceConsistencyChecks(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "paranoid_file_checks")]
    internal static partial void SetReadBackTables(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "paranoid_memory_checks")]
    internal static partial void SetCheckMemoryOrder(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "block_protection_bytes_per_key")]
    internal static partial void SetBlockProtection(nint options, nuint bytes);

    [LibraryImport(Library, EntryPoint = SetOption + "memtable_protection_bytes_per_key")]
    internal static partial void SetMemoryProtection(nint options, nuint bytes);

    [LibraryImport(Library, EntryPoint = SetOption + "memtable_verify_per_key_checksum_on_seek")]
    internal static partial void SetVerifyMemoryOnSeek(nint options, byte value);

    [LibraryImport(Library, EntryPoint = Prefix + "options_checksum_handoff_file_types_add")]
    internal static partial void AddChecksumHandoff(nint options, int fileType);

    [LibraryImport(Library, EntryPoint = Prefix + "file_checksum_gen_crc32c_factory_create")]
    internal static partial nint CreateFileChecksums();

    [LibraryImport(Library, EntryPoint = Prefix + "file_checksum_gen_factory_destroy")]
    internal static partial void DestroyFileChecksums(nint factory);

    [LibraryImport(Library, EntryPoint = SetOption + "file_checksum_gen_factory")]
    internal static partial void SetFileChecksums(nint options, nint factory);

    [LibraryImport(Library, EntryPoint = SetOption + "keep_log_file_num")]
    internal static partial void SetKeepLogFileNum(nint options, nuint count);

    [LibraryImport(Library, EntryPoint = SetOption + "max_log_file_size")]
    internal static partial void SetMaxLogFileSize(nint options, nuint bytes);

    [LibraryImport(Library, EntryPoint = SetOption + "stats_dump_period_sec")]
    internal static partial void SetStatsDumpPeriod(nint options, uint seconds);

    [LibraryImport(Library, EntryPoint = SetOption + "stats_persist_period_sec")]
    internal static partial void SetStatsPersistPeriod(nint options, uint seconds);

    [LibraryImport(Library, EntryPoint = SetOption + "compression")]
    internal static partial void SetCompression(nint options, int type);

    [LibraryImport(Library, EntryPoint = SetOption + "level_compaction_dynamic_level_bytes")]
    internal static partial void SetLevelCompactionDynamicLevelBytes(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "enable_blob_files")]
    internal static partial void SetEnableBlobFiles(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "min_blob_size")]
    internal static partial void SetMinBlobSize(nint options, ulong bytes);

    [LibraryImport(Library, EntryPoint = SetOption + "blob_file_size")]
    internal static partial void SetBlobFileSize(nint options, ulong bytes);

    [LibraryImport(Library, EntryPoint = SetOption + "enable_blob_gc")]
    internal static partial void SetEnableBlobGc(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "skip_stats_update_on_db_open")]
    internal static partial void SetSkipStatsUpdateOnOpen(nint options, byte value);

    [LibraryImport(Library, EntryPoint = SetOption + "bytes_per_sync")]
    internal static partial void SetBytesPerSync(nint options, ulong bytes);

    // The environment that all databases of the process share unless an option names another.
    [LibraryImport(Library, EntryPoint = Prefix + "create_default_env")]
    internal static partial nint DefaultEnvironment();

    [LibraryImport(Library, EntryPoint = Prefix + "env_lower_thread_pool_cpu_priority")]
    internal static partial void LowerCompactionPriority(nint environment);

    [LibraryImport(Library, EntryPoint = Prefix + "env_destroy")]
    internal static partial void DestroyEnvironment(nint environment);

    // rocksdb_options_set_block_based_table_factory copies the table options.
    [LibraryImport(Library, EntryPoint = SetOption + "block_based_table_factory")]
    internal static partial void SetTableFactory(nint options, nint tableOptions);

    [LibraryImport(Library, EntryPoint = Prefix + "block_based_options_create")]
    internal static partial nint CreateTableOptions();

    [LibraryImport(Library, EntryPoint = Prefix + "block_based_options_destroy")]
    internal static partial void DestroyTableOptions(nint tableOptions);

    [LibraryImport(Library, EntryPoint = SetTableOption + "block_cache")]
    internal static partial void SetBlockCache(nint tableOptions, nint cache);

    [LibraryImport(Library, EntryPoint = SetTableOption + "block_size")]
    internal static partial void SetBlockSize(nint tableOptions, nuint bytes);

    [LibraryImport(Library, EntryPoint = SetTableOption + "checksum")]
    internal static partial void SetBlockChecksum(nint tableOptions, byte type);

    [LibraryImport(Library, EntryPoint = SetTableOption + "verify_compression")]
    internal static partial void SetVerifyCompression(nint tableOptions, byte value);

    [LibraryImport(Library, EntryPoint = SetTableOption + "detect_filter_construct_corruption")]
    internal static partial void SetVerifyFilters(nint tableOptions, byte value);

    [LibraryImport(Library, EntryPoint = SetTableOption + "format_version")]
    internal static partial void SetFormatVersion(nint tableOptions, int version);

    // Takes ownership of the policy.
    [LibraryImport(Library, EntryPoint = SetTableOption + "filter_policy")]
    internal static partial void SetFilterPolicy(nint tableOptions, nint policy);

    [LibraryImport(Library, EntryPoint = SetTableOption + "cache_index_and_filter_blocks")]
    internal static partial void SetCacheIndexAndFilterBlocks(nint tableOptions, byte value);

    [LibraryImport(Library, EntryPoint = SetTableOption + "cache_index_and_filter_blocks_with_high_priority")]
    internal static partial void SetCacheIndexAndFilterBlocksWithHighPriority(nint tableOptions, byte value);

    [LibraryImport(Library, EntryPoint = SetTableOption + "pin_l0_filter_and_index_blocks_in_cache")]
    internal static partial void SetPinL0FilterAndIndexBlocksInCache(nint tableOptions, byte value);

    [LibraryImport(Library, EntryPoint = SetTableOption + "index_type")]
    internal static partial void SetIndexType(nint tableOptions, int type);

    [LibraryImport(Library, EntryPoint = SetTableOption + "partition_filters")]
    internal static partial void SetPartitionFilters(nint tableOptions, byte value);

    [LibraryImport(Library, EntryPoint = SetTableOption + "metadata_block_size")]
    internal static partial void SetMetadataBlockSize(nint tableOptions, ulong bytes);

    [LibraryImport(Library, EntryPoint = SetTableOption + "pin_top_level_index_and_filter")]
    internal static partial void SetPinTopLevelIndexAndFilter(nint tableOptions, byte value);

    [LibraryImport(Library, EntryPoint = Prefix + "filterpolicy_create_bloom_full")]
    internal static partial nint CreateBloomFilter(double bitsPerKey);

    [LibraryImport(Library, EntryPoint = Prefix + "cache_create_lru")]
    internal static partial nint CreateLruCache(nuint bytes);

    [LibraryImport(Library, EntryPoint = Prefix + "cache_destroy")]
    internal static partial void DestroyCache(nint cache);
}
