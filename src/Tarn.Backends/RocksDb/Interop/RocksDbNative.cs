using System.Runtime.InteropServices;
using Tarn.Backends.Native;

namespace Tarn.Backends.RocksDb.Interop;

/// <summary>
/// The part of RocksDB's C API (rocksdb/c.h) that the store uses. Booleans are one byte, sizes are size_t, and every
/// call that can fail sets its last parameter to a message that the caller frees.
/// </summary>
internal static unsafe partial class RocksDbNative
{
    private const string Library = NativeLibraries.RocksDb;
    private const string Prefix = "rocksdb_";

    static RocksDbNative() => NativeLibraries.Register();

    [LibraryImport(Library, EntryPoint = Prefix + "open", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint Open(nint options, string directory, out nint error);

    [LibraryImport(Library, EntryPoint = Prefix + "open_for_read_only", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint OpenForReading(nint options, string directory, byte errorIfLogExists, out nint error);

    [LibraryImport(Library, EntryPoint = Prefix + "get_latest_sequence_number")]
    internal static partial ulong LastChange(DatabaseHandle database);

    [LibraryImport(Library, EntryPoint = Prefix + "property_int", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int GetNumber(DatabaseHandle database, string property, out ulong value);

    [LibraryImport(Library, EntryPoint = Prefix + "close")]
    internal static partial void Close(nint database);

    [LibraryImport(Library, EntryPoint = Prefix + "cancel_all_background_work")]
    internal static partial void CancelAllBackgroundWork(nint database, byte wait);

    [LibraryImport(Library, EntryPoint = Prefix + "free")]
    internal static partial void Free(nint memory);

    [LibraryImport(Library, EntryPoint = Prefix + "get_pinned")]
    internal static partial nint GetPinned(
        DatabaseHandle database, ReadOptionsHandle options, byte* key, nuint keyLength, out nint error);

    [LibraryImport(Library, EntryPoint = Prefix + "pinnableslice_value")]
    internal static partial byte* PinnedValue(nint slice, out nuint length);

    [LibraryImport(Library, EntryPoint = Prefix + "pinnableslice_destroy")]
    internal static partial void DestroyPinned(nint slice);

    [LibraryImport(Library, EntryPoint = Prefix + "write")]
    internal static partial void Write(
        DatabaseHandle database, WriteOptionsHandle options, WriteBatchHandle batch, out nint error);

    [LibraryImport(Library, EntryPoint = Prefix + "writebatch_create_with_params")]
    internal static partial nint CreateWriteBatch(nuint reservedBytes, nuint maxBytes, nuint protectionBytesPerKey, nuint timestampBytes);

    [LibraryImport(Library, EntryPoint = Prefix + "writebatch_destroy")]
    internal static partial void DestroyWriteBatch(nint batch);

    [LibraryImport(Library, EntryPoint = Prefix + "writebatch_clear")]
    internal static partial void Clear(WriteBatchHandle batch);

    [LibraryImport(Library, EntryPoint = Prefix + "writebatch_put")]
    internal static partial void Put(WriteBatchHandle batch, byte* key, nuint keyLength, byte* value, nuint valueLength);

    [LibraryImport(Library, EntryPoint = Prefix + "writebatch_delete")]
    internal static partial void Delete(WriteBatchHandle batch, byte* key, nuint keyLength);

    [LibraryImport(Library, EntryPoint = Prefix + "readoptions_create")]
    internal static partial nint CreateReadOptions();

    [LibraryImport(Library, EntryPoint = Prefix + "readoptions_destroy")]
    internal static partial void DestroyReadOptions(nint options);

    [LibraryImport(Library, EntryPoint = Prefix + "readoptions_set_snapshot")]
    internal static partial void SetSnapshot(ReadOptionsHandle options, nint snapshot);

    [LibraryImport(Library, EntryPoint = Prefix + "readoptions_set_fill_cache")]
    internal static partial void SetFillCache(ReadOptionsHandle options, byte value);

    [LibraryImport(Library, EntryPoint = Prefix + "create_snapshot")]
    internal static partial nint CreateSnapshot(DatabaseHandle database);

    [LibraryImport(Library, EntryPoint = Prefix + "release_snapshot")]
    internal static partial void ReleaseSnapshot(DatabaseHandle database, nint snapshot);

    [LibraryImport(Library, EntryPoint = Prefix + "readoptions_set_iterate_lower_bound")]
    internal static partial void SetLowerBound(ReadOptionsHandle options, byte* key, nuint keyLength);

    [LibraryImport(Library, EntryPoint = Prefix + "readoptions_set_iterate_upper_bound")]
    internal static partial void SetUpperBound(ReadOptionsHandle options, byte* key, nuint keyLength);

    [LibraryImport(Library, EntryPoint = Prefix + "writeoptions_create")]
    internal static partial nint CreateWriteOptions();

    [LibraryImport(Library, EntryPoint = Prefix + "writeoptions_destroy")]
    internal static partial void DestroyWriteOptions(nint options);

    [LibraryImport(Library, EntryPoint = Prefix + "writeoptions_set_sync")]
    internal static partial void SetSync(WriteOptionsHandle options, byte sync);

    [LibraryImport(Library, EntryPoint = Prefix + "create_iterator")]
    internal static partial nint CreateIterator(DatabaseHandle database, ReadOptionsHandle options);

    [LibraryImport(Library, EntryPoint = Prefix + "iter_destroy")]
    internal static partial void DestroyIterator(nint iterator);

    [LibraryImport(Library, EntryPoint = Prefix + "iter_seek_to_first")]
    internal static partial void SeekToFirst(nint iterator);

    [LibraryImport(Library, EntryPoint = Prefix + "iter_seek_to_last")]
    internal static partial void SeekToLast(nint iterator);

    [LibraryImport(Library, EntryPoint = Prefix + "iter_valid")]
    internal static partial byte IsValid(nint iterator);

    [LibraryImport(Library, EntryPoint = Prefix + "iter_next")]
    internal static partial void Next(nint iterator);

    [LibraryImport(Library, EntryPoint = Prefix + "iter_prev")]
    internal static partial void Previous(nint iterator);

    [LibraryImport(Library, EntryPoint = Prefix + "iter_key")]
    internal static partial byte* Key(nint iterator, out nuint length);

    [LibraryImport(Library, EntryPoint = Prefix + "iter_value")]
    internal static partial byte* Value(nint iterator, out nuint length);

    [LibraryImport(Library, EntryPoint = Prefix + "iter_get_error")]
    internal static partial void GetError(nint iterator, out nint error);

    [LibraryImport(Library, EntryPoint = Prefix + "flushoptions_create")]
    internal static partial nint CreateFlushOptions();

    [LibraryImport(Library, EntryPoint = Prefix + "flushoptions_destroy")]
    internal static partial void DestroyFlushOptions(nint options);

    [LibraryImport(Library, EntryPoint = Prefix + "flush")]
    internal static partial void Flush(DatabaseHandle database, nint flushOptions, out nint error);
}
