using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Model;

namespace Tarn.Core.Disks.Listing;

/// <summary>
/// Files of one directory that are on a page once they were looked at: together, so that where each look waits for a device or a server, many wait
/// at once.
/// </summary>
internal sealed class PendingFiles(ReadableTree tree, string ownerId, WalkSettings settings, CancellationToken cancellation)
{
    /// <summary>Files of a directory that are looked at one after the other, to see how long that takes.</summary>
    private const int FilesToProbe = 16;

    /// <summary>Files that are looked at together where it takes long.</summary>
    private const int LooksAtOnce = 16;

    private readonly List<PendingFile> _files = [];

    public int Count => _files.Count;

    /// <summary>Adds a file.</summary>
    /// <param name="key">Its path.</param>
    /// <param name="nameStart">Where in it the name begins.</param>
    public void Add(byte[] key, int nameStart) => _files.Add(new PendingFile(key, nameStart, null));

    /// <summary>Adds the file that a link leads to, which was looked at already.</summary>
    public void AddKnown(byte[] key, in FileStat stat) => _files.Add(new PendingFile(key, 0, Entry(key, stat)));

    /// <summary>Looks at the files that were added; one that is gone meanwhile is not found. None is left then.</summary>
    /// <param name="directory">That they are in; null when it is gone.</param>
    /// <param name="found">Where to add them, in order.</param>
    public void LookInto(SafeFileHandle? directory, List<DiskEntry> found)
    {
        var looked = new DiskEntry?[_files.Count];
        int first = Math.Min(looked.Length, FilesToProbe);
        long started = settings.Clock.GetTimestamp();
        for (int i = 0; i < first; i++)
        {
            looked[i] = Look(directory, _files[i]);
        }

        if (looked.Length > first && settings.Clock.GetElapsedTime(started) >= first * settings.SlowLook)
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

    /// <summary>Where each look waits for a device or a server, many wait at once.</summary>
    private void LookTogether(SafeFileHandle? directory, DiskEntry?[] looked, int first)
    {
        try
        {
            Parallel.For(
                first, looked.Length, new ParallelOptions { MaxDegreeOfParallelism = LooksAtOnce, CancellationToken = cancellation },
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
        new(ObjectKey.FromUtf8(key), stat.Size, stat.Modified.ToWholeSeconds(), DiskETag.Of(stat), ownerId);

    private bool TryLook(SafeFileHandle directory, in PendingFile file, out FileStat stat)
    {
        Span<byte> name = stackalloc byte[LinuxFiles.MaxName + 1];
        int error = LinuxFiles.StatName(directory, DiskTree.Terminate(file.Key.AsSpan(file.NameStart), name), out stat);
        if (error == Errno.None && stat.IsLink)
        {
            // It was a file when the directory was read.
            using SafeFileHandle? located = tree.Locate(file.Key, out stat);
            return located is not null && stat.IsRegular;
        }

        if (Errno.IsDenied(error))
        {
            tree.LeaveOut(LeftOutReason.Permission, file.Key);
            return false;
        }

        return error == Errno.None ? stat.IsRegular : !Errno.IsAbsent(error) ? throw LinuxFiles.Failed("statx", error) : false;
    }

    /// <summary>A file that is on the page once it was looked at.</summary>
    /// <param name="Key">Its path.</param>
    /// <param name="NameStart">Where in it the name begins.</param>
    /// <param name="Entry">Known already of what a link leads to.</param>
    private readonly record struct PendingFile(byte[] Key, int NameStart, DiskEntry? Entry);
}
