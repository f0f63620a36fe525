using System.Buffers.Binary;
using System.Numerics;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>
/// How far the database is known to be on the device, in a small file beside it: RocksDB cannot tell a log's torn end, which nobody
/// was promised, from damage to what was synced.
/// </summary>
/// <param name="Change">The number of the last change that was synced.</param>
/// <param name="FirstLog">The number of the first log that counts: what earlier ones held is in tables.</param>
/// <param name="IsRelaxed">Whether commits after <paramref name="Change"/> were not synced.</param>
/// <remarks>
/// The file is synced when the store is opened. After each synced commit it is overwritten and not synced: it survives the death of the process at
/// once, and that of the machine as of the kernel's last writeback, seconds before. It can be behind the log, never before it.
/// </remarks>
internal sealed record SyncedPosition(ulong Change, ulong FirstLog, bool IsRelaxed)
{
    public const string FileName = "SYNCED";

    private const int Bytes = 32;
    private const uint Magic = 0x31595354; // "TSY1"

    /// <summary>Null when there is none, as in stores of builds that did not keep it, or when it is damaged: it only helps.</summary>
    public static SyncedPosition? Find(string directory)
    {
        string path = Path.Combine(directory, FileName);
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        return bytes.Length == Bytes
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(Bytes - 4)) == Crc(bytes.AsSpan(0, Bytes - 4))
            ? new SyncedPosition(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16)),
                bytes[4] != 0)
            : null;
    }

    /// <summary>Writes the file durably, and keeps it open for <see cref="Overwrite"/>. In place: a full disk is no reason not to start.</summary>
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

    /// <summary>Writes it in place: less than a sector, which a crash does not tear.</summary>
    public void Overwrite(SafeFileHandle file)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        bytes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        bytes[4] = IsRelaxed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Change);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], FirstLog);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[(Bytes - 4)..], Crc(bytes[..(Bytes - 4)]));
        RandomAccess.Write(file, bytes, 0);
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
