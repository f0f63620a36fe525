using System.Text;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Mounts;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;

namespace Tarn.Core.Disks.Reading;

/// <summary>An open tree that was checked to have the expected file systems.</summary>
internal sealed class WatchedTree(DiskTree tree, Disk disk, MountList list, IReadOnlyList<MountEntry> seen, MountSurvey survey) : IDisposable
{
    public DiskTree Tree => tree;

    /// <summary>Whether nothing was mounted or unmounted anywhere since.</summary>
    public bool IsUntouched => ReferenceEquals(survey.Current(), list);

    /// <summary>Whether nothing was mounted or unmounted in this tree since.</summary>
    public bool IsSame => IsUntouched || MountSurvey.Seen(survey.Current(), disk.RootPath, disk.IsAttached, out _).SequenceEqual(seen);

    /// <summary>Whether a file system is mounted somewhere below a directory.</summary>
    /// <param name="parent">The directory that it is in.</param>
    /// <param name="name">Its name there, with a terminating zero.</param>
    /// <exception cref="S3Exception">ServiceUnavailable: the table cannot be read.</exception>
    public bool HasMountsBelow(SafeFileHandle parent, ReadOnlySpan<byte> name)
    {
        int error = LinuxFiles.PathOf(parent, out byte[] path);
        if (error == Errno.NameTooLong)
        {
            // No mount point has such a path.
            return false;
        }

        LinuxFiles.ThrowIfFailed("readlink", error);
        string above = Encoding.UTF8.GetString(path).TrimEnd('/');
        return MountSurvey.Seen(survey.Current(), $"{above}/{Encoding.UTF8.GetString(name[..^1])}", isAttached: true, out _).Count > 1;
    }

    public void Dispose() => tree.Dispose();
}
