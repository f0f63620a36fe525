using Tarn.Core.Disks.Linux;
using Tarn.Core.Records;

namespace Tarn.Core.Disks.Mounts;

/// <summary>
/// The stored description of one file system of a disk's tree, by which it is recognized after restarts. It holds no device or mount numbers, which
/// change with restarts.
/// </summary>
internal sealed record MountMark
{
    /// <summary>Its mount point relative to the disk's root; empty: the root is in it.</summary>
    public required string Path { get; init; }

    /// <summary>Where it is mounted, absolute.</summary>
    public required string Point { get; init; }

    public required string Type { get; init; }

    public required string Source { get; init; }

    /// <summary>The directory of the file system that appears at <see cref="Path"/>.</summary>
    public required string Inside { get; init; }

    public string? Uuid { get; init; }

    public ulong Number { get; init; }

    /// <param name="root">The disk's root: absolute, without links.</param>
    /// <param name="mount">The mount that the root is in, or one below it.</param>
    /// <param name="id">The identity of its file system.</param>
    public static MountMark Of(string root, MountEntry mount, FileSystemId id)
    {
        bool isBelow = mount.Point != root && FilePaths.IsWithin(mount.Point, root);
        string rest = isBelow ? "" : root[(mount.Point == "/" ? 0 : mount.Point.Length)..];

        // For NFS the source includes the directory; the table's root field depends on what else was mounted before.
        string inside = (mount.Root == "/" || mount.Type.StartsWith("nfs", StringComparison.Ordinal) ? "" : mount.Root) + rest;
        return new MountMark
        {
            Path = isBelow ? mount.Point[(root == "/" ? 1 : root.Length + 1)..] : "",
            Point = mount.Point,
            Type = mount.Type,
            Source = mount.Source,
            Inside = inside.Length == 0 ? "/" : inside,
            Uuid = id.Uuid,
            Number = id.Number,
        };
    }

    /// <summary>
    /// Whether this is the same directory of the same file system. Device names and mount points may have changed: the file system's identity
    /// decides or, where it has none, the source. The root file system is not compared: it cannot be missing, and it is another one after a
    /// restored machine or a recreated container.
    /// </summary>
    public bool IsSameAs(MountMark now) =>
        (Point == "/" && now.Point == "/")
        || (Family(Type) == Family(now.Type) && Inside == now.Inside
            && (Uuid is not null && now.Uuid is not null ? Uuid == now.Uuid
                : Number != 0 && now.Number != 0 ? Number == now.Number
                : Source == now.Source));

    /// <summary>Describes it for an operator.</summary>
    public override string ToString() => $"{Type} from {Source}{(Uuid is null ? "" : $" ({Uuid})")}, mounted at {Point}, directory {Inside}";

    public void Write(RecordWriter writer)
    {
        writer.Text(1, Path.Length == 0 ? null : Path).Text(2, Point).Text(3, Type).Text(4, Source).Text(5, Inside).Text(6, Uuid).Number(7, Number);
    }

    public static MountMark Read(RecordReader reader)
    {
        string path = "", point = "", type = "", source = "", inside = "";
        string? uuid = null;
        ulong number = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: path = reader.Text; break;
                case 2: point = reader.Text; break;
                case 3: type = reader.Text; break;
                case 4: source = reader.Text; break;
                case 5: inside = reader.Text; break;
                case 6: uuid = reader.Text; break;
                case 7: number = reader.Number; break;
            }
        }

        return new MountMark { Path = path, Point = point, Type = type, Source = source, Inside = inside, Uuid = uuid, Number = number };
    }

    /// <summary>The family of drivers that mount the same file systems.</summary>
    private static string Family(string type) => type switch
    {
        "ext2" or "ext3" or "ext4" => "ext",
        "nfs" or "nfs4" => "nfs",
        "cifs" or "smb3" => "smb",
        _ => type,
    };
}
