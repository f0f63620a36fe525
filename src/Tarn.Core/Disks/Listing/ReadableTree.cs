using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Listing;

/// <summary>A tree as listings see it: what may not be read is treated as absent, and is counted as left out.</summary>
internal sealed class ReadableTree(DiskTree tree, Disk disk, LeftOut leftOut)
{
    public Disk Disk => disk;

    /// <summary>Like <see cref="DiskTree.Ancestors"/>; failures are not counted, since nothing below the path is listed.</summary>
    public List<FileIdentity>? Ancestors(ReadOnlySpan<byte> path)
    {
        try
        {
            return tree.Ancestors(path);
        }
        catch (S3Exception e) when (e.Error == S3Error.AccessDenied)
        {
            return null;
        }
    }

    /// <summary>Opens a directory by its path, links followed.</summary>
    /// <param name="path">With a slash at the end; empty for the root.</param>
    public SafeFileHandle? OpenDirectory(ReadOnlySpan<byte> path, out FileStat stat)
    {
        try
        {
            return tree.OpenDirectory(path[..Math.Max(0, path.Length - 1)], out stat);
        }
        catch (S3Exception e) when (e.Error == S3Error.AccessDenied)
        {
            return Denied(path, out stat);
        }
    }

    /// <summary>Opens a directory by its name in another one.</summary>
    /// <param name="name">With a slash at the end.</param>
    /// <param name="path">The whole path, to report what is left out.</param>
    public SafeFileHandle? OpenChild(SafeFileHandle above, ReadOnlySpan<byte> name, ReadOnlySpan<byte> path, out FileStat stat)
    {
        try
        {
            Span<byte> terminated = stackalloc byte[LinuxFiles.MaxName + 1];
            return DiskTree.OpenChild(above, DiskTree.Terminate(name[..^1], terminated), out stat);
        }
        catch (S3Exception e) when (e.Error == S3Error.AccessDenied)
        {
            return Denied(path, out stat);
        }
    }

    /// <summary>Finds what a path leads to, links followed.</summary>
    public SafeFileHandle? Locate(ReadOnlySpan<byte> path, out FileStat stat)
    {
        try
        {
            return tree.Locate(path, out stat);
        }
        catch (S3Exception e) when (e.Error == S3Error.AccessDenied)
        {
            return Denied(path, out stat);
        }
    }

    /// <summary>Finds the regular file that a path leads to, links followed.</summary>
    public bool TryLocateFile(ReadOnlySpan<byte> path, out FileStat stat)
    {
        using SafeFileHandle? located = Locate(path, out stat);
        return located is not null && stat.IsRegular;
    }

    /// <summary>Finds the directory that a path leads to, links followed.</summary>
    /// <param name="path">With a slash at the end.</param>
    public bool TryLocateDirectory(ReadOnlySpan<byte> path, out FileStat stat)
    {
        using SafeFileHandle? located = Locate(path[..^1], out stat);
        return located is not null && stat.IsDirectory;
    }

    /// <summary>Whether a path can be listed: whether it is short enough for a key, and its characters can be shown.</summary>
    /// <param name="nameStart">Where the last name begins in it; the names before it can be listed.</param>
    /// <param name="anyCharacter">Whether characters that XML 1.0 lacks can be shown too.</param>
    public bool CanShow(ReadOnlySpan<byte> path, int nameStart, bool anyCharacter)
    {
        LeftOutReason reason;
        if (path.Length > DiskPath.MaxLength)
        {
            reason = LeftOutReason.Length;
        }
        else if (!anyCharacter && !DiskPath.IsXml(path[nameStart..]))
        {
            reason = LeftOutReason.Characters;
        }
        else
        {
            return true;
        }

        LeaveOut(reason, path);
        return false;
    }

    public void LeaveOut(LeftOutReason reason, ReadOnlySpan<byte> path) => leftOut.Add(disk, reason, path);

    private SafeFileHandle? Denied(ReadOnlySpan<byte> path, out FileStat stat)
    {
        stat = default;
        LeaveOut(LeftOutReason.Permission, path);
        return null;
    }
}
