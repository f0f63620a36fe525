using System.Buffers.Binary;
using System.Text;
using Tarn.Core.Files;

namespace Tarn.Core.Backups;

/// <summary>What a name in the directory of made disks is.</summary>
internal enum TreeKind : byte
{
    Directory = 1,
    File = 2,
    Link = 3,
}

/// <summary>A name in the directory of made disks, as the list of a backup has it.</summary>
internal sealed record TreeEntry
{
    private const int Fixed = 1 + 4 + 8 + 4 + 8 + 8 + 8 + 4 + 4;
    private const int MaxText = 1 << 16;

    /// <summary>What it is.</summary>
    public required TreeKind Kind { get; init; }

    /// <summary>Its path below the directory of made disks: bytes, names divided by slashes.</summary>
    public required byte[] Path { get; init; }

    /// <summary>Its permissions.</summary>
    public int Permissions { get; init; }

    /// <summary>When its bytes changed.</summary>
    public FileTime Modified { get; init; }

    /// <summary>When the file changed, and which one it is: while both and the rest are the same, it is not read again.</summary>
    public long Changed { get; init; }

    /// <summary>The file's number.</summary>
    public ulong Inode { get; init; }

    /// <summary>Bytes of a file.</summary>
    public long Length { get; init; }

    /// <summary>Of a file, the SHA-256 of its content in hexadecimal digits; of a link, where it leads.</summary>
    public byte[] Content { get; init; } = [];

    /// <summary>A file of a disk as a file of the backup.</summary>
    public BackupFile File => new(BackupManifest.DiskListName + "/" + Text, Length, Encoding.ASCII.GetString(Content));

    /// <summary>The path as text for people.</summary>
    public string Text => TextOf(Path);

    /// <summary>A path as text for people.</summary>
    public static string TextOf(byte[] path) => Encoding.UTF8.GetString(path);

    /// <summary>Describes a name.</summary>
    public static TreeEntry Of(byte[] path, TreeKind kind, in FileStat stat) => new()
    {
        Kind = kind,
        Path = path,
        Permissions = stat.Permissions,
        Modified = stat.Modified,
        Changed = stat.Changed.ToNumber(),
        Inode = stat.Identity.Inode,
        Length = kind == TreeKind.File ? stat.Size : 0,
    };

    /// <summary>Whether a file is the one of an earlier backup, unchanged.</summary>
    public bool IsSameAs(TreeEntry earlier) =>
        Kind == earlier.Kind && Modified == earlier.Modified && Changed == earlier.Changed && Inode == earlier.Inode && Length == earlier.Length;

    /// <summary>Compares two paths in the order of the list: a directory, then what is in it, names in the order of their bytes.</summary>
    public static int Compare(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        int same = one.CommonPrefixLength(other);
        return same == one.Length || same == other.Length ? one.Length.CompareTo(other.Length) : Rank(one[same]).CompareTo(Rank(other[same]));

        static int Rank(byte value) => value == (byte)'/' ? -1 : value;
    }

    /// <summary>Appends it to a list.</summary>
    public void Write(Stream list)
    {
        byte[] row = new byte[Fixed + Path.Length + Content.Length];
        row[0] = (byte)Kind;
        BinaryPrimitives.WriteInt32BigEndian(row.AsSpan(1), Permissions);
        BinaryPrimitives.WriteInt64BigEndian(row.AsSpan(5), Modified.Seconds);
        BinaryPrimitives.WriteUInt32BigEndian(row.AsSpan(13), Modified.Nanoseconds);
        BinaryPrimitives.WriteInt64BigEndian(row.AsSpan(17), Changed);
        BinaryPrimitives.WriteUInt64BigEndian(row.AsSpan(25), Inode);
        BinaryPrimitives.WriteInt64BigEndian(row.AsSpan(33), Length);
        BinaryPrimitives.WriteInt32BigEndian(row.AsSpan(41), Path.Length);
        BinaryPrimitives.WriteInt32BigEndian(row.AsSpan(45), Content.Length);
        Path.CopyTo(row.AsSpan(Fixed));
        Content.CopyTo(row.AsSpan(Fixed + Path.Length));
        list.Write(row);
    }

    /// <summary>Reads all of a list.</summary>
    /// <exception cref="BackupDamagedException">It is cut, or not such a list.</exception>
    public static IEnumerable<TreeEntry> ReadAll(Stream list)
    {
        while (Read(list) is { } entry)
        {
            yield return entry;
        }
    }

    /// <summary>Reads the next one of a list; null at its end.</summary>
    /// <exception cref="BackupDamagedException">It is cut, or not such a list.</exception>
    public static TreeEntry? Read(Stream list)
    {
        byte[] row = new byte[Fixed];
        int count = list.ReadAtLeast(row, Fixed, throwOnEndOfStream: false);
        if (count == 0)
        {
            return null;
        }

        int path = BinaryPrimitives.ReadInt32BigEndian(row.AsSpan(41)), content = BinaryPrimitives.ReadInt32BigEndian(row.AsSpan(45));
        byte[] text = count == Fixed && path is > 0 and < MaxText && content is >= 0 and < MaxText
            ? new byte[path + content]
            : throw new BackupDamagedException("the list of the files of disks is damaged");
        if (list.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length)
        {
            throw new BackupDamagedException("the list of the files of disks is cut");
        }

        return new TreeEntry
        {
            Kind = (TreeKind)row[0],
            Permissions = BinaryPrimitives.ReadInt32BigEndian(row.AsSpan(1)),
            Modified = new FileTime(BinaryPrimitives.ReadInt64BigEndian(row.AsSpan(5)), BinaryPrimitives.ReadUInt32BigEndian(row.AsSpan(13))),
            Changed = BinaryPrimitives.ReadInt64BigEndian(row.AsSpan(17)),
            Inode = BinaryPrimitives.ReadUInt64BigEndian(row.AsSpan(25)),
            Length = BinaryPrimitives.ReadInt64BigEndian(row.AsSpan(33)),
            Path = text[..path],
            Content = text[path..],
        };
    }
}
