using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Writing;

/// <summary>Creates directories in a disk's tree; each is durable before the next is created in it.</summary>
/// <param name="room">The room that they leave free.</param>
internal sealed class NewDirectories(DiskRoom room)
{
    /// <summary>How often it is looked again what is there, because others create the same directories.</summary>
    private const int MaxTries = 100;

    private readonly ConcurrentDictionary<ulong, Lock> _making = new();

    /// <summary>Creates one directory.</summary>
    /// <exception cref="DiskChangeRefusedException">It cannot be created, or something is there.</exception>
    public void Make(Disk disk, WatchedTree tree, DiskFilePath path)
    {
        using SafeFileHandle parent = Parents.Open(tree, path, out FileStat above);
        int error = Make(disk, tree, parent, above, path, out SafeFileHandle? made, out _);
        made?.Dispose();
        ChangeErrors.ThrowIfFailed("mkdirat", error, path);
    }

    /// <summary>Creates a directory and those above it that are missing; false if all are there.</summary>
    /// <exception cref="DiskChangeRefusedException">One of them cannot be created; those above it stay.</exception>
    public bool MakeAll(Disk disk, WatchedTree tree, DiskFilePath path, CancellationToken cancellationToken)
    {
        DiskFilePath[] steps = [.. path.Steps()];
        bool made = false;
        for (int tries = 1; tries <= MaxTries; tries++)
        {
            int there = CountOfThose(tree, steps);
            if (there == steps.Length)
            {
                return made;
            }

            if (MakeFrom(disk, tree, steps, there, ref made, cancellationToken))
            {
                return true;
            }
        }

        throw ChangeErrors.Of("mkdirat", Errno.Busy, path.Text);
    }

    /// <summary>How many of the directories are there: if one is missing, so are those below it.</summary>
    private static int CountOfThose(WatchedTree tree, DiskFilePath[] steps)
    {
        int there = 0, missing = steps.Length + 1;

        // The last two first: usually all are there, or all but the last.
        for (int next = steps.Length; there + 1 < missing; next = missing == steps.Length ? steps.Length - 1 : (there + missing) / 2)
        {
            using SafeFileHandle? found = Parents.TryOpen(tree, steps[next - 1].Utf8, out _);
            (there, missing) = found is null ? (there, next) : (next, missing);
        }

        return there;
    }

    /// <summary>Creates the directories that are missing; false if another has created one of them meanwhile.</summary>
    private bool MakeFrom(Disk disk, WatchedTree tree, DiskFilePath[] steps, int first, ref bool made, CancellationToken cancellationToken)
    {
        SafeFileHandle above = Parents.Open(tree, steps[first], out FileStat stat);
        try
        {
            for (int i = first; i < steps.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int error = Make(disk, tree, above, stat, steps[i], out SafeFileHandle? below, out FileStat belowStat);
                if (error == Errno.Exists)
                {
                    using SafeFileHandle? there = Parents.TryOpen(tree, steps[i].Utf8, out _);
                    return there is not null ? false : throw ChangeErrors.Exists(steps[i].Text);
                }

                ChangeErrors.ThrowIfFailed("mkdirat", error, steps[i]);
                made = true;
                above.Dispose();
                (above, stat) = (below!, belowStat);
            }

            return true;
        }
        finally
        {
            above.Dispose();
        }
    }

    private int Make(Disk disk, WatchedTree tree, SafeFileHandle parent, in FileStat above, DiskFilePath path, out SafeFileHandle? made, out FileStat stat)
    {
        made = null;
        stat = default;
        room.ThrowIfShort(disk, parent, 0);
        SafeFileHandle? opened = null;
        try
        {
            int error;

            // Until it has its permissions, no other request makes anything in it.
            lock (_making.GetOrAdd(above.Identity.Device, static _ => new Lock()))
            {
                error = LinuxFiles.MakeDirectory(parent, path.Name);
                if (error != Errno.None)
                {
                    return error;
                }

                error = LinuxFiles.OpenDirectoryOfMount(parent, path.Name, followLinks: false, out opened);
                error = error == Errno.None ? CheckOwn(tree, opened!) : error;
                int permissions = 0;
                error = error == Errno.None ? NewMode.OfDirectory(opened!, parent, above, out permissions) : error;
                error = error == Errno.None ? LinuxFiles.SetPermissions(opened!, permissions) : error;
            }

            error = error == Errno.None ? LinuxFiles.SyncDirectory(opened!) : error;
            error = error == Errno.None ? LinuxFiles.Stat(opened!, out stat) : error;
            if (error != Errno.None)
            {
                _ = LinuxFiles.Unlink(parent, path.Name, isDirectory: true);
                return error;
            }

            Parents.Sync(parent);
            (made, opened) = (opened, null);
            return error;
        }
        finally
        {
            opened?.Dispose();
        }
    }

    /// <summary>
    /// Whether a directory can be the one that was just created: another one may have got its name meanwhile, which must keep its permissions. A file may have been published in it already;
    /// what is private and the server's, and has something in it, is most likely the directory of uploads.
    /// </summary>
    private static int CheckOwn(WatchedTree tree, SafeFileHandle made)
    {
        int error = LinuxFiles.Stat(made, out FileStat stat);
        if (error != Errno.None || stat.Owner != LinuxFiles.CurrentUser)
        {
            return error == Errno.None ? Errno.NotPermitted : error;
        }

        if (!NewMode.IsPrivate(stat))
        {
            return Errno.Busy;
        }

        using var entries = new DirectoryEntries(made, 4096);
        using SafeFileHandle? root = entries.Next() ? Parents.TryOpen(tree, [], out _) : null;
        return root is null || LinuxFiles.StatName(root, [.. DiskPath.Staging, 0], out FileStat staging) != Errno.None || staging.Identity != stat.Identity ? Errno.None : Errno.Busy;
    }
}
