using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Writing;

/// <summary>A file in the directory of files that are being written, open for writing at its end.</summary>
/// <param name="staging">The directory; closed with the file.</param>
/// <param name="disk">The disk.</param>
/// <param name="path">The path that it is for.</param>
/// <param name="name">Its name there.</param>
/// <param name="file">The file.</param>
/// <param name="length">Its length: writes go on from there.</param>
/// <param name="room">The room that writes leave free.</param>
/// <param name="sync">Makes what was written to a file durable; null: fsync(2).</param>
internal sealed class StagedFile(
    Staging staging, Disk disk, DiskFilePath path, string name, SafeFileHandle file, long length, DiskRoom room, Func<SafeFileHandle, int>? sync = null) : IDisposable
{
    /// <summary>After this many bytes the room is checked again, and the kernel starts to write them to the device.</summary>
    private const long Step = 4L << 20;

    private readonly Func<SafeFileHandle, int> _sync = sync ?? LinuxFiles.SyncFileBytes;
    private long _checked = length;

    public string Name => name;

    public DiskFilePath Path => path;

    public SafeFileHandle File => file;

    public Staging Staging => staging;

    /// <summary>Bytes.</summary>
    public long Length { get; private set; } = length;

    /// <summary>Whether a sync failed: nothing that was appended can be made durable any more, through this file.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether the file has another name besides the one it is written under: it was published, or someone linked it. It must not be written to.</summary>
    public bool IsLinked { get; private init; }

    /// <summary>Its number in its file system.</summary>
    public ulong Inode { get; private init; }

    /// <summary>Creates an empty one.</summary>
    public static StagedFile Create(Staging staging, Disk disk, DiskFilePath path, string name, DiskRoom room)
    {
        int error = LinuxFiles.MakeFile(staging.Directory, Staging.Terminated(name), out SafeFileHandle? made);
        ChangeErrors.ThrowIfFailed("openat", error, path);
        LinuxFiles.ThrowIfFailed("statx", LinuxFiles.Stat(made!, out FileStat stat));
        return new StagedFile(staging, disk, path, name, made!, 0, room) { Inode = stat.Identity.Inode };
    }

    /// <summary>
    /// Opens one to go on; null when it is not there or is shorter. What was written after that length is cut off, unless it has another name: that may not have been made durable,
    /// also if an earlier sync of it failed. All of it is written again.
    /// </summary>
    /// <param name="length">How many of its bytes are durable.</param>
    /// <param name="sync">Makes what was written to a file durable.</param>
    public static StagedFile? Open(Staging staging, Disk disk, DiskFilePath path, string name, long length, DiskRoom room, Func<SafeFileHandle, int> sync)
    {
        int error = LinuxFiles.OpenForWriting(staging.Directory, Staging.Terminated(name), out SafeFileHandle? opened);
        if (error == Errno.NotFound)
        {
            return null;
        }

        ChangeErrors.ThrowIfFailed("openat", error, path);
        SafeFileHandle? file = opened;
        try
        {
            LinuxFiles.ThrowIfFailed("statx", LinuxFiles.Stat(file!, out FileStat stat));
            if (!stat.IsRegular || stat.Size < length)
            {
                return null;
            }

            if (stat.Size > length && stat.Links == 1)
            {
                RandomAccess.SetLength(file!, length);
            }

            file = null;
            return new StagedFile(staging, disk, path, name, opened!, length, room, sync) { IsLinked = stat.Links != 1, Inode = stat.Identity.Inode };
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Appends bytes; not durable before <see cref="Sync"/>.</summary>
    /// <exception cref="Blobs.StorageFullException">There is no room.</exception>
    public void Append(in ReadOnlySequence<byte> data)
    {
        foreach (ReadOnlyMemory<byte> segment in data)
        {
            ChangeErrors.Guard(path.Text, () => RandomAccess.Write(file, segment.Span, Length));
            Length += segment.Length;
        }

        if (Length - _checked >= Step)
        {
            room.ThrowIfShort(disk, file, 0);
            FileSync.StartWritingBack(file, _checked, Length - _checked);
            _checked = Length;
        }
    }

    /// <summary>Removes the bytes after a length.</summary>
    public void CutTo(long kept)
    {
        RandomAccess.SetLength(file, kept);
        Length = kept;
        _checked = kept;
    }

    /// <summary>
    /// Makes the bytes durable. Not repeated after a failure: the kernel reports it once and may have dropped what it could not write, so that a second sync succeeds although
    /// the bytes are not on the device.
    /// </summary>
    /// <exception cref="IOException">They are not, and what of them the device has is unknown.</exception>
    public void Sync()
    {
        if (IsLost)
        {
            throw new IOException("what was written was lost when it was made durable");
        }

        int error = _sync(file);
        if (error != Errno.None)
        {
            IsLost = true;
            throw ChangeErrors.Of("fsync", error, path.Text);
        }
    }

    /// <summary>Removes the file, if it has not got another name.</summary>
    public void Abandon() => staging.Remove(name);

    public void Dispose()
    {
        file.Dispose();
        staging.Dispose();
    }
}
