using Tarn.Backends.RocksDb.Interop;
using Tarn.Backends.RocksDb.Recovery;

namespace Tarn.Backends.RocksDb;

/// <summary>Turns RocksDB's own checks on. docs/design/metadata-integrity.md</summary>
internal static class RocksDbIntegrity
{
    private const byte Xxh3 = 4; // The fastest of RocksDB's checksums. Logs, manifests and blob files always have CRC-32C.

    public static void Configure(nint native, RocksDbChecks checks)
    {
        // Defaults of RocksDB, except the manifest's; set so that a later version of it does not change them.
        RocksDbNative.SetParanoidChecks(native, 1);
        RocksDbNative.SetForceConsistencyChecks(native, 1);
        RocksDbNative.SetVerifyTableIds(native, 1);
        RocksDbNative.SetVerifyFlushCount(native, 1);
        RocksDbNative.SetVerifyCompactionCount(native, 1);
        RocksDbNative.SetVerifyManifestOnClose(native, 1);

        RocksDbNative.SetMemoryProtection(native, (nuint)checks.MemoryBytes);
        RocksDbNative.SetVerifyMemoryOnSeek(native, Flag(checks.VerifiesMemoryOnSeek));
        RocksDbNative.SetCheckMemoryOrder(native, Flag(checks.VerifiesMemoryOrder));
        RocksDbNative.SetBlockProtection(native, (nuint)checks.BlockBytes);
        RocksDbNative.SetChainLogs(native, Flag(checks.ChainsLogs));
        RocksDbNative.SetReadBackTables(native, Flag(checks.ReadsTablesBack));
        if (checks.HasFileChecksums)
        {
            nint factory = RocksDbNative.CreateFileChecksums();
            RocksDbNative.SetFileChecksums(native, factory);
            RocksDbNative.DestroyFileChecksums(factory);
        }

        if (checks.HandsChecksumsOn)
        {
            foreach (LiveFileKind kind in (ReadOnlySpan<LiveFileKind>)[LiveFileKind.Log, LiveFileKind.Table, LiveFileKind.Manifest, LiveFileKind.Blobs])
            {
                RocksDbNative.AddChecksumHandoff(native, (int)kind);
            }
        }
    }

    public static void ConfigureTables(nint table, RocksDbChecks checks)
    {
        RocksDbNative.SetBlockChecksum(table, Xxh3);
        RocksDbNative.SetVerifyCompression(table, Flag(checks.VerifiesWhatItBuilds));
        RocksDbNative.SetVerifyFilters(table, Flag(checks.VerifiesWhatItBuilds));
    }

    private static byte Flag(bool value) => value ? (byte)1 : (byte)0;
}
