using System.Text;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;

namespace Tarn.Core.Disks.Mounts;

/// <summary>
/// The mount table of the kernel. It is read only after a change, which the kernel reports by poll(2): a check on every request costs one system
/// call. Source: proc_pid_mountinfo(5).
/// </summary>
internal sealed class LinuxMountTable : IMountTable
{
    private const string ByUuid = "/dev/disk/by-uuid";

    /// <summary>File systems whose id in statfs(2) is derived from their UUID; others use a device number, which restarts change.</summary>
    private static readonly string[] Numbered = ["ext2", "ext3", "ext4", "btrfs", "bcachefs"];

    private readonly Lock _gate = new();
    private SafeFileHandle? _file;
    private MountList? _list;

    private LinuxMountTable()
    {
    }

    /// <summary>The instance of this process. Its descriptor stays open until the process ends.</summary>
    public static LinuxMountTable Shared { get; } = new();

    public MountList Current()
    {
        lock (_gate)
        {
            if (_file is null)
            {
                int error = LinuxFiles.OpenForReading("/proc/self/mountinfo", out _file);
                if (error != Errno.None)
                {
                    throw LinuxFiles.Failed("open of /proc/self/mountinfo", error);
                }
            }

            // Polled first: a change while the table is read shows with the next call.
            bool changed = KernelFiles.HasUrgentEvent(_file!);
            if (_list is null || changed)
            {
                _list = null;
                _list = MountList.Parse(Encoding.UTF8.GetString(KernelFiles.ReadAll(_file!)));
            }

            return _list;
        }
    }

    public FileSystemId Identify(MountEntry mount, SafeFileHandle? directory)
    {
        ulong number = directory is not null && Numbered.Contains(mount.Type) ? FileSystems.Number(directory) : 0;

        // Only for devices: the UUID of a file system in memory is new each time.
        return new FileSystemId(mount.Source.StartsWith("/dev/", StringComparison.Ordinal) ? Uuid(mount.Source, directory) : null, number);
    }

    private static string? Uuid(string device, SafeFileHandle? directory)
    {
        if (directory is not null && FileSystems.Uuid(directory) is { } known)
        {
            return known;
        }

        // Kernels before 6.9 do not report it, but udev creates links to devices by UUID.
        if (LinuxFiles.RealPath(device) is { } real && Directory.Exists(ByUuid))
        {
            foreach (string link in Directory.EnumerateFileSystemEntries(ByUuid))
            {
                if (LinuxFiles.RealPath(link) == real)
                {
                    return Path.GetFileName(link);
                }
            }
        }

        return null;
    }
}
