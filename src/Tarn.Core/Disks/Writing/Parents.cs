using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Mounts;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Errors;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Writing;

/// <summary>
/// Opens the directories in which names are changed. The kernel resolves their paths below the disk's root as it does for readers; the last name of a path is
/// never resolved: it is created, replaced or removed in the directory that is open.
/// </summary>
internal static class Parents
{
    /// <summary>Opens the directory of a path, for reading.</summary>
    /// <exception cref="DiskChangeRefusedException">Absent: there is none. Conflict: it is in another file system.</exception>
    /// <exception cref="S3Exception">AccessDenied, SlowDown.</exception>
    public static SafeFileHandle Open(WatchedTree tree, DiskFilePath path) => Open(tree, path, out _);

    /// <inheritdoc cref="Open(WatchedTree, DiskFilePath)"/>
    public static SafeFileHandle Open(WatchedTree tree, DiskFilePath path, out FileStat stat)
    {
        return TryOpen(tree, path.Parent, out stat)
            ?? throw new DiskChangeRefusedException(DiskChangeRefusal.Absent, $"there is no directory '{System.Text.Encoding.UTF8.GetString(path.Parent)}'");
    }

    /// <summary>Opens a directory by its path, for reading; null when there is none.</summary>
    /// <param name="path">Canonical, or empty for the root.</param>
    /// <exception cref="DiskChangeRefusedException">Conflict: it is in another file system.</exception>
    /// <exception cref="S3Exception">AccessDenied, SlowDown.</exception>
    public static SafeFileHandle? TryOpen(WatchedTree tree, ReadOnlySpan<byte> path, out FileStat stat)
    {
        SafeFileHandle? directory;
        try
        {
            directory = tree.Tree.OpenForChanges(path, out stat);
        }
        catch (IOException e) when (e.HResult == Errno.CrossDevice)
        {
            throw ChangeErrors.Of("openat2", Errno.CrossDevice, System.Text.Encoding.UTF8.GetString(path));
        }

        // A file system that was unmounted meanwhile left an empty directory, which is not the one that was named.
        if (directory is not null && !tree.IsUntouched && !tree.IsSame)
        {
            directory.Dispose();
            throw MountSurvey.Changing();
        }

        return directory;
    }

    /// <summary>Examines what has a name in a directory; false when nothing has it. A link is not followed.</summary>
    public static bool TryExamine(SafeFileHandle parent, DiskFilePath path, out FileStat stat)
    {
        int error = LinuxFiles.StatName(parent, path.Name, out stat);
        if (error != Errno.NotFound)
        {
            ChangeErrors.ThrowIfFailed("statx", error, path);
        }

        return error == Errno.None;
    }

    /// <summary>Makes the names in a directory durable. That it succeeds after it failed says nothing: the kernel reports a failure once.</summary>
    /// <exception cref="NotDurableException">What was changed in it may not survive the machine's end.</exception>
    public static void Sync(SafeFileHandle directory)
    {
        int error = LinuxFiles.SyncDirectory(directory);
        if (error != Errno.None)
        {
            throw new NotDurableException(LinuxFiles.Failed("fsync of a directory", error));
        }
    }
}
