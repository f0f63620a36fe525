using System.Globalization;
using System.Text.RegularExpressions;
using Tarn.Core.Disks.Linux;
using Tarn.Server.Storage;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>Where a file system is mounted, and how.</summary>
/// <param name="Point">The directory.</param>
/// <param name="Type">Its type: <c>ext4</c>, <c>fuse.sshfs</c>.</param>
/// <param name="Source">The device, or what stands for it.</param>
/// <param name="IsReadOnly">Whether it is mounted read-only.</param>
internal sealed partial record MountPoint(string Point, string Type, string Source, bool IsReadOnly)
{
    /// <summary>The mount that a path is on; null where the kernel does not tell.</summary>
    public static MountPoint? Of(string path, ProcFiles proc)
    {
        string real = RealPath.Of(path);
        MountPoint? found = null;
        foreach (string line in (proc.Read("self/mountinfo") ?? "").Split('\n'))
        {
            // Of mounts on one directory the last one is what is seen. The length of the path decides between directories.
            if (Parse(line) is { } mount && FilePaths.IsWithin(real, mount.Point) && mount.Point.Length >= (found?.Point.Length ?? 0))
            {
                found = mount;
            }
        }

        return found;
    }

    // 36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/sda1 rw,errors=continue. Source: proc_pid_mountinfo(5).
    private static MountPoint? Parse(string line)
    {
        string[] fields = line.Split(' ');
        int divider = Array.IndexOf(fields, "-");
        return divider < 6 || fields.Length < divider + 4
            ? null
            : new MountPoint(Unescape(fields[4]), fields[divider + 1], Unescape(fields[divider + 2]), fields[5].Split(',').Contains("ro") || fields[divider + 3].Split(',').Contains("ro"));
    }

    private static string Unescape(string text) => Octal().Replace(text, static match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Octal();
}
