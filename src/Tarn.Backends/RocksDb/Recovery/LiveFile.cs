using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Tarn.Backends.RocksDb.Interop;

namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>A file that a database consists of, as its manifest describes it.</summary>
/// <param name="Name">The name in the database's directory.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Bytes">Its length in bytes; that of a log or manifest can have grown since.</param>
/// <param name="Crc32C">The CRC-32C of the whole file; null when the manifest has none, as for files of older builds, and for logs and manifests.</param>
/// <param name="Content">The content, when the engine knows it; otherwise empty.</param>
internal sealed record LiveFile(string Name, LiveFileKind Kind, long Bytes, uint? Crc32C, byte[] Content)
{
    private const string Crc32CName = "FileChecksumCrc32c";

    /// <summary>Lists the files of an open database. Logs are missing from the list of a database that was opened to read.</summary>
    /// <exception cref="IOException">They cannot be listed.</exception>
    public static unsafe List<LiveFile> All(DatabaseHandle database)
    {
        nint options = RocksDbNative.CreateLiveFilesOptions();
        RocksDbNative.SetIncludeChecksums(options, 1);
        RocksDbNative.SetLogBytesForFlush(options, ulong.MaxValue);
        nint files = RocksDbNative.GetLiveFiles(database, options, out nint error);
        RocksDbNative.DestroyLiveFilesOptions(options);
        if (error != 0)
        {
            throw RocksDbError.ToException(RocksDbError.Take(error));
        }

        try
        {
            List<LiveFile> all = new((int)RocksDbNative.LiveFileCount(files));
            for (nuint i = 0; i < (nuint)all.Capacity; i++)
            {
                byte* content = RocksDbNative.LiveFileContents(files, i, out nuint length);
                all.Add(new LiveFile(
                    Marshal.PtrToStringUTF8(RocksDbNative.LiveFileName(files, i))!.TrimStart('/'),
                    (LiveFileKind)RocksDbNative.LiveFileType(files, i),
                    (long)RocksDbNative.LiveFileBytes(files, i),
                    Marshal.PtrToStringUTF8(RocksDbNative.LiveFileChecksumName(files, i)) == Crc32CName
                        ? BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(RocksDbNative.LiveFileChecksum(files, i), sizeof(uint)))
                        : null,
                    new ReadOnlySpan<byte>(content, (int)length).ToArray()));
            }

            return all;
        }
        finally
        {
            RocksDbNative.DestroyLiveFiles(files);
        }
    }
}

/// <summary>What a file holds; the numbers are RocksDB's (include/rocksdb/types.h).</summary>
internal enum LiveFileKind
{
    Log = 0,
    Table = 2,
    Manifest = 3,
    Current = 4,
    Options = 9,
    Blobs = 10,
}
