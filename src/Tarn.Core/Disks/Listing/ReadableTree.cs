using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;

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

    public void LeaveOut(LeftOutReason reason, ReadOnlySpan<byte> path) => leftOut.Add(disk, reason, path);

    private SafeFileHandle? Denied(ReadOnlySpan<byte> path, out FileStat stat)
    {
        stat = default;
        LeaveOut(LeftOutReason.Permission, path);
        return null;
    }
}
