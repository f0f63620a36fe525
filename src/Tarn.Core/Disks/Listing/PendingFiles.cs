using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Files;
using Tarn.Core.Model;

namespace Tarn.Core.Disks.Listing;

/// <summary>
/// Files of one directory that still have to be examined for a page: together, so that on a slow device or network file system many calls wait at
/// once.
/// </summary>
internal sealed class PendingFiles(WalkContext context)
{
    /// <summary>Files of a directory that are examined one after the other first, to measure how long that takes.</summary>
    private const int FilesToProbe = 16;

    /// <summary>Files that are examined at once when that takes long.</summary>
    private const int LooksAtOnce = 16;

    private readonly List<PendingFile> _files = [];

    public int Count => _files.Count;

    /// <summary>Adds a file.</summary>
    /// <param name="key">Its path.</param>
    /// <param name="nameStart">Where the name begins in it.</param>
    public void Add(byte[] key, int nameStart) => _files.Add(new PendingFile(key, nameStart, null));

    /// <summary>Adds the file that a link leads to, which was examined already.</summary>
    public void AddKnown(byte[] key, in FileStat stat) => _files.Add(new PendingFile(key, 0, Entry(key, stat)));

    /// <summary>Examines the files that were added and clears them; those that are gone meanwhile are skipped.</summary>
    /// <param name="directory">The directory that they are in; null when it is gone.</param>
    /// <param name="found">The list that they are added to, in order.</param>
    public void LookInto(SafeFileHandle? directory, List<DiskEntry> found)
    {
        var looked = new DiskEntry?[_files.Count];
        int first = Math.Min(looked.Length, FilesToProbe);
        long started = context.Settings.Clock.GetTimestamp();
        for (int i = 0; i < first; i++)
        {
            looked[i] = Look(directory, _files[i]);
        }

        if (looked.Length > first && context.Settings.Clock.GetElapsedTime(started) >= first * context.Settings.SlowLook)
        {
            LookTogether(directory, looked, first);
        }
        else
        {
            for (int i = first; i < looked.Length; i++)
            {
                looked[i] = Look(directory, _files[i]);
            }
        }

        foreach (DiskEntry? entry in looked)
        {
            if (entry is not null)
            {
                found.Add(entry);
            }
        }

        _files.Clear();
    }

    /// <summary>Examines files concurrently, for slow devices and network file systems.</summary>
    private void LookTogether(SafeFileHandle? directory, DiskEntry?[] looked, int first)
    {
        try
        {
            Parallel.For(
                first, looked.Length, new ParallelOptions { MaxDegreeOfParallelism = LooksAtOnce, CancellationToken = context.Cancellation },
                i => looked[i] = Look(directory, _files[i]));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private DiskEntry? Look(SafeFileHandle? directory, in PendingFile file) =>
        file.Entry ?? (directory is not null && TryLook(directory, file, out FileStat stat) ? Entry(file.Key, stat) : null);

    private DiskEntry Entry(byte[] key, in FileStat stat) =>
        new(ObjectKey.FromUtf8(key), stat.Size, stat.Modified.ToWholeSeconds(), DiskETag.Of(stat), context.OwnerId);

    private bool TryLook(SafeFileHandle directory, in PendingFile file, out FileStat stat)
    {
        Span<byte> name = stackalloc byte[LinuxFiles.MaxName + 1];
        int error = LinuxFiles.StatName(directory, DiskTree.Terminate(file.Key.AsSpan(file.NameStart), name), out stat);
        if (error == Errno.None && stat.IsLink)
        {
            // It was a file when the directory was read.
            return context.Tree.TryLocateFile(file.Key, out stat);
        }

        if (Errno.IsDenied(error))
        {
            context.Tree.LeaveOut(LeftOutReason.Permission, file.Key);
            return false;
        }

        return error == Errno.None ? stat.IsRegular : !Errno.IsAbsent(error) ? throw LinuxFiles.Failed("statx", error) : false;
    }

    /// <summary>A file that still has to be examined.</summary>
    /// <param name="Key">Its path.</param>
    /// <param name="NameStart">Where the name begins in it.</param>
    /// <param name="Entry">Known already for the target of a link; else null.</param>
    private readonly record struct PendingFile(byte[] Key, int NameStart, DiskEntry? Entry);
}
