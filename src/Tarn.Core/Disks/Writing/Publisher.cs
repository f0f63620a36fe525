using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Writing;

/// <summary>Gives written files their names in a disk's tree.</summary>
internal static class Publisher
{
    /// <summary>Throws if a file could not be published now: called before it is written, so that nobody sends a large one for nothing.</summary>
    /// <exception cref="DiskChangeRefusedException">Its directory does not exist, may not be written to, or is on another file system; or something is at its path.</exception>
    public static void ThrowIfImpossible(WatchedTree tree, DiskFilePath path, bool replaces)
    {
        using SafeFileHandle parent = Parents.Open(tree, path);
        ChangeErrors.ThrowIfFailed("faccessat", LinuxFiles.CheckWritable(parent), path);
        ThrowIfTaken(parent, path, replaces, out _);
    }

    /// <summary>
    /// Publishes a file whose bytes are durable: once this returns, its name is too. The directory is resolved again, so that a path that was changed
    /// while the file was received leads to where it leads now.
    /// </summary>
    /// <param name="tree">The tree.</param>
    /// <param name="staging">The directory that the file is in.</param>
    /// <param name="file">The file.</param>
    /// <param name="replaces">Whether it replaces a file or link that is there.</param>
    /// <param name="sync">Makes the names in a directory durable; null: fsync(2).</param>
    /// <exception cref="DiskChangeRefusedException">It cannot be published; nothing was changed.</exception>
    /// <exception cref="NotDurableException">It has its name, but maybe not for long.</exception>
    public static DiskFileFacts Publish(
        WatchedTree tree, Staging staging, StagedFile file, bool replaces, Action<SafeFileHandle>? sync = null)
    {
        sync ??= Parents.Sync;
        DiskFilePath path = file.Path;
        using SafeFileHandle parent = Parents.Open(tree, path, out FileStat stat);
        bool isTaken = ThrowIfTaken(parent, path, replaces, out FileStat replaced);
        byte[] name = Staging.Terminated(file.Name);
        ThrowIfOther(staging, file, name);
        ChangeErrors.ThrowIfFailed("fchmod", NewMode.Apply(file.File, parent, stat, isTaken && replaced.IsRegular ? replaced : null, path.Name), path);
        file.Sync();
        int error = LinuxFiles.Rename(staging.Directory, name, parent, path.Name, replaces);
        if (error == Errno.Invalid && !replaces)
        {
            // A file system that cannot rename without replacing may be able to link, which never replaces.
            error = LinuxFiles.Link(staging.Directory, name, parent, path.Name);
            if (error == Errno.None)
            {
                staging.Remove(file.Name);
            }
        }

        ChangeErrors.ThrowIfFailed("renameat2", error, path);
        sync(parent);
        sync(staging.Directory);
        LinuxFiles.ThrowIfFailed("statx", LinuxFiles.Stat(file.File, out FileStat published));
        return DiskFileFacts.Of(path, published);
    }

    /// <summary>Whether something is at the path that is to be replaced.</summary>
    /// <exception cref="DiskChangeRefusedException">Something is there that must stay.</exception>
    private static bool ThrowIfTaken(SafeFileHandle parent, DiskFilePath path, bool replaces, out FileStat taken)
    {
        if (!Parents.TryExamine(parent, path, out taken))
        {
            return false;
        }

        if (taken.IsDirectory)
        {
            throw ChangeErrors.Of("renameat2", Errno.IsADirectory, path.Text);
        }

        if (!replaces)
        {
            throw ChangeErrors.Exists(path.Text);
        }

        return taken.IsRegular || taken.IsLink
            ? true
            : throw ChangeErrors.NotReplaceable(path.Text);
    }

    /// <summary>Throws if another file has the name by now: it is known by its name only, and the root may be another directory than when the file was begun.</summary>
    private static void ThrowIfOther(Staging staging, StagedFile file, byte[] name)
    {
        LinuxFiles.ThrowIfFailed("statx", LinuxFiles.Stat(file.File, out FileStat written));
        int error = LinuxFiles.StatName(staging.Directory, name, out FileStat there);
        if (error == Errno.NotFound || (error == Errno.None && there.Identity != written.Identity))
        {
            throw new DiskChangeRefusedException(DiskChangeRefusal.Absent, $"what was written for '{file.Path.Text}' is gone: the disk's directory was replaced meanwhile");
        }

        LinuxFiles.ThrowIfFailed("statx", error);
    }
}
