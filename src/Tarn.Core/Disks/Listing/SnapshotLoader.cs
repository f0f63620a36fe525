using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Listing;

/// <summary>Loads the sorted names of directories: from the cache while it is valid, else by reading.</summary>
internal sealed class SnapshotLoader(SnapshotCache cache, SnapshotLimits limits, LeftOut leftOut, TimeProvider clock)
{
    /// <summary>The minimum number of names for which a directory is cached: a smaller one is read in a few system calls.</summary>
    private const int WorthKeeping = 256;

    /// <summary>
    /// How long ago a directory must have changed before its times reliably show another change: file systems round times to as much as two
    /// seconds, and a second change within the same tick leaves the same times.
    /// </summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);

    // One reader of a directory at a time: the others find the result in the cache.
    private readonly Lock[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];

    /// <summary>Loads the run of names that contains a position.</summary>
    /// <param name="directory">Open for reading.</param>
    /// <param name="stat">The directory's current metadata.</param>
    /// <param name="position">The first name that the listing needs; empty for the first of all.</param>
    /// <param name="disk">With <paramref name="path"/>, to report what is left out.</param>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public DirectorySnapshot Load(SafeFileHandle directory, in FileStat stat, ReadOnlySpan<byte> position, Disk disk, ReadOnlySpan<byte> path)
    {
        if (cache.Find(stat) is { } kept && kept.Covers(position))
        {
            return kept;
        }

        lock (_gates[(uint)stat.Identity.GetHashCode() % (uint)_gates.Length])
        {
            FileStat before = Stat(directory);
            DirectorySnapshot? known = cache.Find(before);
            if (known is not null && known.Covers(position))
            {
                return known;
            }

            DateTimeOffset now = clock.GetUtcNow();

            // Only a directory that is too large is cached without covering the position: its first names need not be read again.
            DirectorySnapshot read = Read(directory, known is null ? default : position, disk, path);
            if (!read.Covers(position))
            {
                read = Read(directory, position, disk, path);
            }

            if (read.Count >= WorthKeeping && before.Modified.Age(now) >= Settled && before.Changed.Age(now) >= Settled && Stat(directory).IsSameAs(before))
            {
                cache.Put(before, read);
            }

            return read;
        }
    }

    private DirectorySnapshot Read(SafeFileHandle directory, ReadOnlySpan<byte> from, Disk disk, ReadOnlySpan<byte> path)
    {
        int error = LinuxFiles.Rewind(directory);
        if (error != Errno.None)
        {
            throw LinuxFiles.Failed("lseek", error);
        }

        var builder = new SnapshotBuilder(limits, from.ToArray());
        using var entries = new DirectoryEntries(directory);
        while (entries.Next())
        {
            Take(builder, entries.Type, entries.Name, disk, path);
        }

        return builder.Build();
    }

    /// <summary>Adds an entry of a directory to its names, if it can be part of a key.</summary>
    /// <param name="name">As in the file system; some allow longer names than <see cref="LinuxFiles.MaxName"/>.</param>
    internal void Take(SnapshotBuilder builder, EntryType type, ReadOnlySpan<byte> name, Disk disk, ReadOnlySpan<byte> path)
    {
        if (name.SequenceEqual(DiskPath.Staging))
        {
            return;
        }

        if (!DiskPath.IsText(name))
        {
            leftOut.Add(disk, LeftOutReason.Encoding, path);
            return;
        }

        if (name.Length > LinuxFiles.MaxName)
        {
            leftOut.Add(disk, LeftOutReason.Length, [.. path, .. name]);
            return;
        }

        switch (type)
        {
            case EntryType.Regular:
                builder.Add(EntryKind.File, name);
                break;
            case EntryType.Directory:
                builder.Add(EntryKind.Directory, name);
                break;
            case EntryType.Link or EntryType.Unknown:
                // Its target may change without a trace in this directory, so it is kept at both places in the order.
                builder.Add(EntryKind.PerhapsFile, name);
                builder.Add(EntryKind.PerhapsDirectory, name);
                break;
        }
    }

    private static FileStat Stat(SafeFileHandle directory)
    {
        int error = LinuxFiles.Stat(directory, out FileStat stat);
        return error == Errno.None ? stat : throw LinuxFiles.Failed("statx", error);
    }
}
