using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>
/// How far the database is known to be on the device, in a small file beside it: RocksDB cannot tell a log's torn, unacknowledged end
/// from damage to synced data.
/// </summary>
/// <param name="Change">The number of the last synced change.</param>
/// <param name="FirstLog">The number of the first log that counts; the contents of earlier ones are in tables.</param>
/// <param name="IsRelaxed">Whether commits after <paramref name="Change"/> were not synced.</param>
/// <remarks>
/// The file is synced when the store is opened. After each synced commit it is overwritten but not synced: it survives a crash of the process, and
/// after a crash of the machine it is as of the kernel's last writeback, seconds before. It can lag behind the log but never be ahead of it.
/// </remarks>
internal sealed record SyncedPosition(ulong Change, ulong FirstLog, bool IsRelaxed)
{
    public const string FileName = "SYNCED";

    private const int Bytes = 32;
    private const uint Magic = 0x31595354; // "TSY1"

    /// <summary>Reads the file; null when there is none, as in stores of older builds, or when it is damaged, since it is only an aid.</summary>
    public static SyncedPosition? Find(string directory)
    {
        string path = Path.Combine(directory, FileName);
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        return bytes.Length == Bytes
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(Bytes - 4)) == Crc32C.Of(bytes.AsSpan(0, Bytes - 4))
            ? new SyncedPosition(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16)),
                bytes[4] != 0)
            : null;
    }

    /// <summary>Writes the file durably, and keeps it open for <see cref="Overwrite"/>. It is written in place, so that a full disk does not prevent a start.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public SafeFileHandle Create(string directory)
    {
        string path = Path.Combine(directory, FileName);
        SafeFileHandle? file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            Overwrite(file);
            FileSync.File(file, path);
            FileSync.Directory(directory);
            SafeFileHandle opened = file;
            file = null;
            return opened;
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Overwrites the file in place: less than a sector, which a crash does not tear.</summary>
    public void Overwrite(SafeFileHandle file)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        bytes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        bytes[4] = IsRelaxed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Change);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], FirstLog);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[(Bytes - 4)..], Crc32C.Of(bytes[..(Bytes - 4)]));
        RandomAccess.Write(file, bytes, 0);
    }
}
