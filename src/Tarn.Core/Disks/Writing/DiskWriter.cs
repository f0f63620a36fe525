using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Errors;
using Tarn.Core.Files;
using Tarn.Core.Model;

namespace Tarn.Core.Disks.Writing;

/// <summary>
/// Changes the trees of disks: writes files, creates directories, renames and removes. Each change is durable when its method returns. No link is followed at
/// the end of a path, and nothing outside the disk's root is reachable.
/// </summary>
public sealed class DiskWriter : IDisposable
{
    /// <summary>What the names of files begin with that one request writes. No upload id begins so.</summary>
    private const string SinglePrefix = "put-";

    /// <summary>After this many removals it is looked again whether the disk may be written to.</summary>
    internal const int RemovedAtOnce = 1000;

    private readonly WritableDisks _disks;
    private readonly DiskRoom _room;
    private readonly UploadTurns _turns;
    private readonly IRandomSource _random;
    private readonly NewDirectories _directories;
    private readonly ConcurrentDictionary<ulong, MoveGate> _moves = new();

    internal DiskWriter(WritableDisks disks, DiskRoom room, UploadTurns turns, IRandomSource random)
    {
        _disks = disks;
        _room = room;
        _turns = turns;
        _random = random;
        _directories = new NewDirectories(room);
    }

    /// <summary>The number of the device that something is on; tests tell another.</summary>
    internal Func<FileStat, ulong> DeviceOf { get; set; } = static stat => stat.Identity.Device;

    /// <summary>Begins to write a file, which appears under its path when it is committed.</summary>
    /// <param name="replaces">Whether it replaces a file or link that is there.</param>
    /// <param name="length">How long it will be, in bytes; null: not known.</param>
    /// <exception cref="DiskChangeRefusedException">It cannot be written.</exception>
    /// <exception cref="S3Exception">ServiceUnavailable, AccessDenied, SlowDown.</exception>
    /// <exception cref="Blobs.StorageFullException">There is no room for it.</exception>
    public async ValueTask<NewDiskFile> BeginAsync(Disk disk, DiskFilePath path, bool replaces, long? length, CancellationToken cancellationToken)
    {
        using WatchedTree tree = await _disks.OpenAsync(disk.Id, cancellationToken);
        Publisher.ThrowIfImpossible(tree, path, replaces);
        Staging staging = Staging.Create(tree.Tree, disk.Id);
        UploadTurn? turn = null;
        try
        {
            _room.ThrowIfShort(disk, staging.Directory, length ?? 0);
            string name = SinglePrefix + Id128.Create(_random).ToString();
            turn = await _turns.EnterAsync(DiskUploads.KeyOf(disk, name), cancellationToken);
            var file = new NewDiskFile(_disks, disk, replaces, StagedFile.Create(staging, disk, path, name, _room), turn);
            (staging, turn) = (null!, null);
            return file;
        }
        finally
        {
            staging?.Dispose();
            turn?.Dispose();
        }
    }

    /// <summary>Creates a directory; false if it is there already.</summary>
    /// <param name="parents">Whether missing directories above it are created too, and an existing one is left as it is.</param>
    /// <exception cref="DiskChangeRefusedException">It cannot be created.</exception>
    /// <exception cref="S3Exception">ServiceUnavailable, AccessDenied, SlowDown.</exception>
    public async ValueTask<bool> MakeDirectoryAsync(Disk disk, DiskFilePath path, bool parents, CancellationToken cancellationToken)
    {
        using WatchedTree tree = await _disks.OpenAsync(disk.Id, cancellationToken);
        return await BlockingCalls.RunAsync(() =>
        {
            if (parents)
            {
                return _directories.MakeAll(disk, tree, path, cancellationToken);
            }

            _directories.Make(disk, tree, path);
            return true;
        });
    }

    /// <summary>Renames a file, directory or link; of a link the link itself.</summary>
    /// <param name="replaces">Whether it replaces what is there: a file or link, or an empty directory by a directory.</param>
    /// <exception cref="DiskChangeRefusedException">It cannot be renamed.</exception>
    /// <exception cref="S3Exception">ServiceUnavailable, AccessDenied, SlowDown.</exception>
    public async ValueTask RenameAsync(Disk disk, DiskFilePath from, DiskFilePath to, bool replaces, CancellationToken cancellationToken)
    {
        if (to.IsWithin(from))
        {
            throw new DiskChangeRefusedException(DiskChangeRefusal.Invalid, $"'{from.Text}' cannot become '{to.Text}', which is itself or below it");
        }

        using WatchedTree tree = await _disks.OpenAsync(disk.Id, cancellationToken);
        using MoveGate.Pass moves = await MovesOf(tree.Tree.Identity.Device).RenameAsync(cancellationToken);
        await BlockingCalls.RunAsync(() => Rename(tree, from, to, replaces));
    }

    /// <summary>Removes a file, link or directory; of a link the link itself.</summary>
    /// <param name="recursive">Whether a directory that is not empty is removed with everything in it. If that fails, what was removed before stays removed.</param>
    /// <param name="guard">Runs again and again while a directory is emptied, and may end that.</param>
    /// <exception cref="DiskChangeRefusedException">It cannot be removed.</exception>
    /// <exception cref="S3Exception">ServiceUnavailable, AccessDenied, SlowDown.</exception>
    public async ValueTask RemoveAsync(Disk disk, DiskFilePath path, bool recursive, Func<CancellationToken, ValueTask> guard, CancellationToken cancellationToken)
    {
        using WatchedTree tree = await _disks.OpenAsync(disk.Id, cancellationToken);
        using SafeFileHandle parent = Parents.Open(tree, path);
        if (!Parents.TryExamine(parent, path, out FileStat stat))
        {
            throw ChangeErrors.Of("statx", Errno.NotFound, path.Text);
        }

        if (stat.IsDirectory)
        {
            ThrowIfOther(tree, parent, path, stat);
        }

        if (stat.IsDirectory && recursive)
        {
            await EmptyAsync(disk, tree, parent, path, guard, cancellationToken);
            using WatchedTree now = await OpenSameAsync(disk, tree, cancellationToken);
            await BlockingCalls.RunAsync(() =>
            {
                // Not the one that is open: it may have been moved out of the disk.
                using SafeFileHandle same = OpenSame(now, parent, path);
                Unlink(same, path, isDirectory: true);
            });
            return;
        }

        await BlockingCalls.RunAsync(() => Unlink(parent, path, stat.IsDirectory));
    }

    /// <summary>What renames and the steps of recursive removals pass.</summary>
    /// <remarks>By the file system: several disks may have the same tree.</remarks>
    internal MoveGate MovesOf(ulong device) => _moves.GetOrAdd(device, static _ => new MoveGate());

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MoveGate gate in _moves.Values)
        {
            gate.Dispose();
        }
    }

    private static void Unlink(SafeFileHandle parent, DiskFilePath path, bool isDirectory)
    {
        ChangeErrors.ThrowIfFailed("unlinkat", LinuxFiles.Unlink(parent, path.Name, isDirectory), path);
        Parents.Sync(parent);
    }

    /// <summary>Opens the directory of a path again; it must be the one that it was.</summary>
    /// <exception cref="DiskChangeRefusedException">Conflict: it is another one by now. Absent: there is none any more.</exception>
    private static SafeFileHandle OpenSame(WatchedTree tree, SafeFileHandle parent, DiskFilePath path)
    {
        SafeFileHandle again = Parents.Open(tree, path, out FileStat stat);
        int error = LinuxFiles.Stat(parent, out FileStat before);
        if (error == Errno.None && stat.Identity == before.Identity)
        {
            return again;
        }

        again.Dispose();
        throw ChangeErrors.Of("statx", error == Errno.None ? Errno.Busy : error, path.Text);
    }

    private void Rename(WatchedTree tree, DiskFilePath from, DiskFilePath to, bool replaces)
    {
        using SafeFileHandle source = Parents.Open(tree, from);
        using SafeFileHandle target = Parents.Open(tree, to);
        if (!Parents.TryExamine(source, from, out FileStat moved))
        {
            throw ChangeErrors.Of("statx", Errno.NotFound, from.Text);
        }

        if (Parents.TryExamine(target, to, out FileStat replaced))
        {
            ThrowIfNotReplaceable(moved, replaced, to, replaces);
        }

        if (moved.IsDirectory)
        {
            // The kernel would move the file systems along, and the disk would miss them where they were.
            ThrowIfOther(tree, source, from, moved);
        }

        int error = LinuxFiles.Rename(source, from.Name, target, to.Name, replaces);
        ChangeErrors.ThrowIfFailed("renameat2", error, error is Errno.NotFound or Errno.CrossDevice ? from : to);
        Parents.Sync(target);
        Parents.Sync(source);
    }

    /// <summary>Throws if a directory is another file system's, or one is mounted below it.</summary>
    private void ThrowIfOther(WatchedTree tree, SafeFileHandle parent, DiskFilePath path, in FileStat stat)
    {
        if (DeviceOf(stat) != tree.Tree.Identity.Device || tree.HasMountsBelow(parent, path.Name))
        {
            throw ChangeErrors.Of("mounts", Errno.CrossDevice, path.Text);
        }
    }

    private static void ThrowIfNotReplaceable(in FileStat moved, in FileStat replaced, DiskFilePath to, bool replaces)
    {
        if (!replaces)
        {
            throw ChangeErrors.Exists(to.Text);
        }

        if (moved.Identity == replaced.Identity && !moved.IsDirectory)
        {
            // The kernel would do nothing, and report success.
            throw new DiskChangeRefusedException(DiskChangeRefusal.Conflict, $"'{to.Text}' is the same file under another name (a hard link)");
        }

        if (!replaced.IsRegular && !replaced.IsLink && !replaced.IsDirectory)
        {
            throw ChangeErrors.NotReplaceable(to.Text);
        }
    }

    private async Task EmptyAsync(
        Disk disk, WatchedTree tree, SafeFileHandle parent, DiskFilePath path, Func<CancellationToken, ValueTask> guard, CancellationToken cancellationToken)
    {
        int error = LinuxFiles.OpenDirectoryOfMount(parent, path.Name, followLinks: false, out SafeFileHandle? directory);
        ChangeErrors.ThrowIfFailed("openat2", error, path);
        using (directory)
        {
            try
            {
                using var removal = new TreeRemoval(directory!, staysWithinMount: true, DeviceOf);
                MoveGate moves = MovesOf(tree.Tree.Identity.Device);
                bool isEmpty;
                do
                {
                    await guard(cancellationToken);
                    using WatchedTree now = await OpenSameAsync(disk, tree, cancellationToken);
                    using MoveGate.Pass alone = await moves.RemoveAsync(cancellationToken);
                    isEmpty = await BlockingCalls.RunAsync(() =>
                    {
                        // The removal notices when a directory leaves the place that it had when it began: that must be the place of its path.
                        using SafeFileHandle same = OpenSame(now, parent, path);
                        ThrowIfNotNamed(same, path, directory!);
                        return removal.Step(RemovedAtOnce, cancellationToken);
                    });
                }
                while (!isEmpty);
            }
            catch (IOException e)
            {
                throw ChangeErrors.Of("removal", e.HResult, path.Text);
            }
        }
    }

    /// <summary>Throws if the name of a path in its directory is not that of an open one.</summary>
    private static void ThrowIfNotNamed(SafeFileHandle parent, DiskFilePath path, SafeFileHandle directory)
    {
        LinuxFiles.ThrowIfFailed("statx", LinuxFiles.Stat(directory, out FileStat open));
        LinuxFiles.ThrowIfFailed("statx", LinuxFiles.StatName(parent, path.Name, out FileStat named));
        if (named.Identity != open.Identity)
        {
            throw LinuxFiles.Failed("statx", Errno.Busy);
        }
    }

    /// <summary>Opens the disk's tree again.</summary>
    /// <exception cref="DiskChangeRefusedException">Denied: it may not be written to any more. Absent: it is another one by now.</exception>
    private async ValueTask<WatchedTree> OpenSameAsync(Disk disk, WatchedTree before, CancellationToken cancellationToken)
    {
        WatchedTree now = await _disks.OpenAsync(disk.Id, cancellationToken);
        if (now.Tree.Identity == before.Tree.Identity)
        {
            return now;
        }

        now.Dispose();
        throw new DiskChangeRefusedException(DiskChangeRefusal.Absent, "the disk's directory was replaced meanwhile");
    }
}
