namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The types of the file systems that hold the stores.</summary>
internal sealed class FileSystemCheck : SimpleCheck
{
    private static readonly string[] Durable = ["ext4", "xfs", "btrfs", "zfs", "bcachefs", "f2fs", "ext3"];
    internal static readonly string[] InMemory = ["tmpfs", "ramfs"];
    internal static readonly string[] OfContainers = ["overlay", "aufs"];
    internal static readonly string[] OfNetworks = ["nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "virtiofs", "afs", "glusterfs", "lustre", "gfs2", "ocfs2"];

    public override string Name => "file system";

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in (string[])[examined.Data, examined.Metadata, examined.Blobs])
        {
            if (MountPoint.Of(path, examined.Proc) is not { } mount)
            {
                yield return Finding.Skipped($"the file system of {path} is not told");
            }
            else if (seen.Add(mount.Point))
            {
                yield return Judge(path, mount);
            }
        }
    }

    private static Finding Judge(string path, MountPoint mount)
    {
        string what = $"{path} is on {mount.Type} ({mount.Source} on {mount.Point})";
        return mount.IsReadOnly ? Finding.Problem($"{what}, which is mounted read-only", $"look in the kernel's log why (dmesg), repair the file system, then: mount -o remount,rw {mount.Point}")
            : InMemory.Contains(mount.Type) ? Finding.Problem($"{what}, in memory: all data is lost when the machine stops", "put the data directory on a disk, unless it is for tests")
            : OfContainers.Contains(mount.Type) ? Finding.Warning($"{what}, a container's own layer: all data is lost with the container", "mount a volume there")
            : OfNetworks.Contains(mount.Type) || mount.Type.StartsWith("fuse", StringComparison.Ordinal)
                ? Finding.Warning($"{what}, on a network or in user space: what it does on a sync, and with locks, depends on its server and options", "use a local file system (ext4, XFS) where data must survive a power cut")
            : Durable.Contains(mount.Type) ? Finding.Ok(what)
            : Finding.Warning($"{what}, with which Tarn is not tested", "use ext4 or XFS where data must survive a power cut");
    }
}
