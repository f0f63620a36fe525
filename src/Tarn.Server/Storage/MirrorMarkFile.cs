using System.Buffers.Binary;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;
using Tarn.Core.Mirroring;

namespace Tarn.Server.Storage;

/// <summary>
/// The file <c>mirror</c> of a data directory: what the directory knows of its part in a mirror. It is not there without one. It has two places, written in turn,
/// so that a write that is torn by a power cut leaves the mark before it.
/// </summary>
internal static class MirrorMarkFile
{
    public const string Name = "mirror";

    private const int Place = 4096; // the largest sector
    private const int Sealed = sizeof(ulong) + MirrorMark.Size;

    /// <summary>Whether there is a mark, damaged or not.</summary>
    public static bool Exists(string root) => File.Exists(Path.Combine(root, Name));

    /// <summary>Reads the mark; null when there is none.</summary>
    /// <exception cref="IOException">It cannot be read, or is damaged.</exception>
    public static MirrorMark? Find(string root)
    {
        string path = Path.Combine(root, Name);
        return File.Exists(path) ? Newest(File.ReadAllBytes(path))?.Mark ?? throw new IOException($"{path}: damaged") : null;
    }

    /// <summary>Opens the file to write marks to it; null when there is no mark that can be read, so that the next one makes a new file.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle? TryOpen(string root)
    {
        string path = Path.Combine(root, Name);
        return File.Exists(path) && Newest(File.ReadAllBytes(path)) is not null ? File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite) : null;
    }

    /// <summary>Writes the mark durably. One that exists is written in the place of the one before it, which works on a full disk too.</summary>
    /// <exception cref="IOException">It is not known to be on the device.</exception>
    public static void Write(string root, MirrorMark mark)
    {
        using SafeFileHandle? file = TryOpen(root);
        if (file is not null)
        {
            Write(root, file, mark);
            return;
        }

        StoreFormat.RaiseForMirror(root);
        byte[] both = new byte[2 * Place];
        Encode(mark, 0).CopyTo(both, 0);
        AtomicFile.Write(Path.Combine(root, Name), both);
    }

    /// <summary>Does the same with the open file, and needs no descriptor.</summary>
    /// <exception cref="IOException">It is not known to be on the device.</exception>
    public static void Write(string root, SafeFileHandle file, MirrorMark mark)
    {
        string path = Path.Combine(root, Name);
        byte[] both = new byte[2 * Place];
        int length = RandomAccess.Read(file, both, 0);
        ulong number = (Newest(both.AsSpan(0, length)) ?? throw new IOException($"{path}: damaged")).Number + 1;
        RandomAccess.Write(file, Encode(mark, number), (long)(number % 2) * Place);
        FileSync.File(file, path);
    }

    private static (MirrorMark Mark, ulong Number)? Newest(ReadOnlySpan<byte> file) => (Decode(file, 0), Decode(file, 1)) switch
    {
        ({ } first, { } second) => first.Number > second.Number ? first : second,
        var (first, second) => first ?? second,
    };

    private static byte[] Encode(MirrorMark mark, ulong number)
    {
        byte[] bytes = new byte[Sealed + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        mark.Encode().CopyTo(bytes, sizeof(ulong));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Sealed), Crc32.HashToUInt32(bytes.AsSpan(0, Sealed)));
        return bytes;
    }

    private static (MirrorMark Mark, ulong Number)? Decode(ReadOnlySpan<byte> file, int place)
    {
        if (file.Length < (place * Place) + Sealed + sizeof(uint))
        {
            return null;
        }

        ReadOnlySpan<byte> bytes = file[(place * Place)..];
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[Sealed..]) == Crc32.HashToUInt32(bytes[..Sealed])
            && MirrorMark.Decode(bytes[sizeof(ulong)..Sealed]) is { } mark ? (mark, BinaryPrimitives.ReadUInt64LittleEndian(bytes)) : null;
    }
}
