using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Mounts;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Reading;

/// <summary>Opens files of disks.</summary>
public sealed class DiskReader
{
    /// <summary>The resolution of file times on a local file system: a kernel's timer tick, with a margin.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private const int MaxWaits = 5;

    private readonly DiskMounts _mounts;
    private readonly TimeProvider _clock;

    internal DiskReader(DiskMounts mounts, TimeProvider clock)
    {
        _mounts = mounts;
        _clock = clock;
    }

    /// <summary>Opens the regular file that a key names; null when there is none.</summary>
    /// <param name="key">The path in the tree, as bytes.</param>
    /// <exception cref="S3Exception">AccessDenied when the file may not be read; ServiceUnavailable, SlowDown.</exception>
    public async ValueTask<DiskFile?> OpenAsync(Disk disk, byte[] key, CancellationToken cancellationToken)
    {
        if (!DiskPath.IsCanonical(key) || await LocateAsync(disk, key, cancellationToken) is not { } file)
        {
            return null;
        }

        try
        {
            return new DiskFile(file, await SettleAsync(file, cancellationToken), disk.GrowingFiles);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Throws if the disk's tree is not there.</summary>
    /// <exception cref="S3Exception">ServiceUnavailable: it is not, or is not what was attached. SlowDown.</exception>
    public async ValueTask ThrowIfAbsentAsync(Disk disk, CancellationToken cancellationToken) => (await _mounts.OpenAsync(disk, cancellationToken)).Dispose();

    private async ValueTask<SafeFileHandle?> LocateAsync(Disk disk, byte[] key, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            using WatchedTree tree = await _mounts.OpenAsync(disk, cancellationToken);
            SafeFileHandle? found = Open(tree.Tree, key);

            // A file system that was unmounted meanwhile would look like a missing file.
            if (tree.IsUntouched || (tries == DiskMounts.MaxTries && tree.IsSame))
            {
                return found;
            }

            found?.Dispose();
            if (tries == DiskMounts.MaxTries)
            {
                throw MountSurvey.Changing();
            }
        }
    }

    private static SafeFileHandle? Open(DiskTree tree, ReadOnlySpan<byte> key)
    {
        using SafeFileHandle? located = tree.Locate(key, out FileStat stat);

        // Opened only once it is known to be a regular file: opening a device may have side effects, and a pipe would be drained.
        return located is null || !stat.IsRegular ? null : DiskTree.OpenLocated(located);
    }

    /// <summary>
    /// Examines an open file so that every later change shows. Two changes within one tick of the file system's clock leave the same times, so a
    /// file that just changed is examined again after the tick.
    /// </summary>
    private async ValueTask<FileStat> SettleAsync(SafeFileHandle file, CancellationToken cancellationToken)
    {
        for (int waits = 0; ; waits++)
        {
            int error = LinuxFiles.Stat(file, out FileStat stat);
            if (error != Errno.None)
            {
                throw LinuxFiles.Failed("statx", error);
            }

            // A file that is written all the time is returned as it is: the read detects the change.
            if (stat.Changed.Age(_clock.GetUtcNow()).Duration() >= Tick || waits == MaxWaits)
            {
                return stat;
            }

            await Task.Delay(Tick, _clock, cancellationToken);
        }
    }
}
