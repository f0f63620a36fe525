using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.TestKit.Servers;

namespace Tarn.Backends.Tests;

/// <summary>The checks that docs/design/metadata-integrity.md names are on in the database: RocksDB writes the options that it uses into a file.</summary>
public sealed class IntegrityOptionsTests
{
    private static readonly string[] On =
    [
        "paranoid_checks=true",
        "force_consistency_checks=true",
        "verify_sst_unique_id_in_manifest=true",
        "flush_verify_memtable_count=true",
        "compaction_verify_record_count=true",
        "verify_manifest_content_on_close=true",
        "wal_recovery_mode=kPointInTimeRecovery",
        "memtable_protection_bytes_per_key=8",
        "block_protection_bytes_per_key=8",
        "checksum=kXXH3",
        "file_checksum_gen_factory=FileChecksumGenCrc32cFactory",
        "verify_compression=true",
        "detect_filter_construct_corruption=true",
    ];

    [Fact]
    public async Task The_checks_are_on()
    {
        using TemporaryDirectory directory = new();
        await RocksDbKeyValueStore.Open(directory.FullPath, new RocksDbOptions { ReserveBytes = 0 }).DisposeAsync();
        string file = Directory.GetFiles(directory.FullPath, "OPTIONS-*").Max(StringComparer.Ordinal)!;
        Assert.Empty(On.Except(File.ReadLines(file).Select(static line => line.Trim())));
    }
}
