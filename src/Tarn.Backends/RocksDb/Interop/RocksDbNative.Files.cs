using System.Runtime.InteropServices;

namespace Tarn.Backends.RocksDb.Interop;

/// <summary>The part of the binding that concerns a database's files: which they are, and checkpoints.</summary>
internal static unsafe partial class RocksDbNative
{
    private const string LiveFiles = Prefix + "livefiles_storage_info_";

    [LibraryImport(Library, EntryPoint = Prefix + "checkpoint_object_create")]
    internal static partial nint CreateCheckpointObject(DatabaseHandle database, out nint error);

    [LibraryImport(Library, EntryPoint = Prefix + "checkpoint_object_destroy")]
    internal static partial void DestroyCheckpointObject(nint checkpoint);

    [LibraryImport(Library, EntryPoint = Prefix + "checkpoint_create", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void CreateCheckpoint(nint checkpoint, string directory, ulong logBytesForFlush, out nint error);

    [LibraryImport(Library, EntryPoint = LiveFiles + "options_create")]
    internal static partial nint CreateLiveFilesOptions();

    [LibraryImport(Library, EntryPoint = LiveFiles + "options_destroy")]
    internal static partial void DestroyLiveFilesOptions(nint options);

    [LibraryImport(Library, EntryPoint = LiveFiles + "options_set_include_checksum_info")]
    internal static partial void SetIncludeChecksums(nint options, byte value);

    [LibraryImport(Library, EntryPoint = LiveFiles + "options_set_wal_size_for_flush")]
    internal static partial void SetLogBytesForFlush(nint options, ulong bytes);

    [LibraryImport(Library, EntryPoint = Prefix + "get_livefiles_storage_info")]
    internal static partial nint GetLiveFiles(DatabaseHandle database, nint options, out nint error);

    [LibraryImport(Library, EntryPoint = LiveFiles + "destroy")]
    internal static partial void DestroyLiveFiles(nint files);

    [LibraryImport(Library, EntryPoint = LiveFiles + "count")]
    internal static partial nuint LiveFileCount(nint files);

    [LibraryImport(Library, EntryPoint = LiveFiles + "relative_filename")]
    internal static partial nint LiveFileName(nint files, nuint index);

    [LibraryImport(Library, EntryPoint = LiveFiles + "size")]
    internal static partial ulong LiveFileBytes(nint files, nuint index);

    [LibraryImport(Library, EntryPoint = LiveFiles + "file_type")]
    internal static partial int LiveFileType(nint files, nuint index);

    // Points to the bytes of a std::string, of which the C API does not give the length.
    [LibraryImport(Library, EntryPoint = LiveFiles + "file_checksum")]
    internal static partial byte* LiveFileChecksum(nint files, nuint index);

    [LibraryImport(Library, EntryPoint = LiveFiles + "file_checksum_func_name")]
    internal static partial nint LiveFileChecksumName(nint files, nuint index);

    [LibraryImport(Library, EntryPoint = LiveFiles + "replacement_contents")]
    internal static partial byte* LiveFileContents(nint files, nuint index, out nuint length);
}
