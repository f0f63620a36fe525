using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Errors;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Trees;

/// <summary>
/// The current tree of a disk. Every path is resolved by the kernel below the root's descriptor (openat2 with
/// RESOLVE_IN_ROOT): links resolve inside the tree, absolute ones from its root, and nothing outside is reachable, whatever is renamed meanwhile.
/// Source: openat2(2).
/// </summary>
internal sealed class DiskTree : IDisposable
{
    private readonly SafeFileHandle _root;

    private DiskTree(SafeFileHandle root, FileIdentity identity)
    {
        _root = root;
        Identity = identity;
    }

    /// <summary>The identity of the root directory.</summary>
    public FileIdentity Identity { get; }

    /// <summary>
    /// Opens a disk's root. An attached root was approved by its path without links, so a link that has since replaced a directory on that path is
    /// not followed: otherwise a user who can write beside a root could expose any directory of the machine.
    /// </summary>
    /// <param name="path">The root's absolute path.</param>
    /// <param name="isAttached">Whether the tree existed before the disk.</param>
    /// <exception cref="S3Exception">ServiceUnavailable when it does not exist, is not a directory or not readable; NotImplemented when the kernel lacks a system call.</exception>
    public static DiskTree Open(string path, bool isAttached)
    {
        if (DiskSupport.WhyUnsupported is { } why)
        {
            throw new S3Exception(S3Error.NotImplemented, why);
        }

        int error = isAttached
            ? LinuxFiles.OpenRealRoot(path, out SafeFileHandle? handle)
            : LinuxFiles.OpenRoot(path, out handle);
        if (handle is null)
        {
            throw new S3Exception(S3Error.ServiceUnavailable, "The disk's directory cannot be opened.", LinuxFiles.Failed($"open of {path}", error));
        }

        error = LinuxFiles.Stat(handle, out FileStat stat);
        return error == Errno.None ? new DiskTree(handle, stat.Identity) : throw LinuxFiles.Failed("statx", error);
    }

    /// <summary>
    /// Finds what a path leads to, links followed, without opening it; null when nothing is there. A path through a link back to a directory that
    /// it is already in leads nowhere, so that trees are finite for listings and readers alike.
    /// </summary>
    /// <param name="path">Canonical.</param>
    /// <exception cref="S3Exception">AccessDenied, SlowDown.</exception>
    public SafeFileHandle? Locate(ReadOnlySpan<byte> path, out FileStat stat)
    {
        stat = default;
        Span<byte> terminated = stackalloc byte[LinuxFiles.MaxPath + 1];
        ReadOnlySpan<byte> given = Terminate(path, terminated);
        int error = LocateFollowing(given, out SafeFileHandle? found, out bool hasLinks);
        if (hasLinks && error == Errno.None && IsCircular(path))
        {
            found!.Dispose();
            return null;
        }

        return Opened(error, found, out stat);
    }

    /// <summary>Opens a directory by its path to read it, links followed as by <see cref="Locate"/>; null when there is none.</summary>
    /// <param name="path">Canonical, or empty for the root.</param>
    /// <exception cref="S3Exception">AccessDenied, SlowDown.</exception>
    public SafeFileHandle? OpenDirectory(ReadOnlySpan<byte> path, out FileStat stat)
    {
        stat = default;
        Span<byte> terminated = stackalloc byte[LinuxFiles.MaxPath + 1];
        ReadOnlySpan<byte> given = path.IsEmpty ? "."u8 : Terminate(path, terminated);
        int error = LinuxFiles.OpenDirectory(_root, given, followLinks: true, out SafeFileHandle? found);
        return Opened(error, found, out stat);
    }

    /// <summary>Opens a directory by its name in another one; null when it is not a directory, or is a link.</summary>
    /// <param name="name">With a terminating zero.</param>
    /// <exception cref="S3Exception">AccessDenied, SlowDown.</exception>
    public static SafeFileHandle? OpenChild(SafeFileHandle directory, ReadOnlySpan<byte> name, out FileStat stat)
    {
        int error = LinuxFiles.OpenDirectory(directory, name, followLinks: false, out SafeFileHandle? found);
        return Opened(error, found, out stat);
    }

    /// <summary>Opens a file that was located, for reading.</summary>
    /// <exception cref="S3Exception">AccessDenied, SlowDown.</exception>
    public static SafeFileHandle? OpenLocated(SafeFileHandle located)
    {
        int error = LinuxFiles.OpenLocated(located, out SafeFileHandle? file);
        return Exists(error, "open") ? file : null;
    }

    /// <summary>
    /// The directories that a path goes through, the root first; null when one of them is not a directory, or is entered again by a link.
    /// </summary>
    /// <param name="path">Canonical, or empty; each of its names is a directory's.</param>
    public List<FileIdentity>? Ancestors(ReadOnlySpan<byte> path)
    {
        List<FileIdentity> above = [Identity];
        Span<byte> terminated = stackalloc byte[LinuxFiles.MaxPath + 1];
        int end = 0;
        while (end < path.Length)
        {
            int slash = path[end..].IndexOf((byte)'/');
            end = slash < 0 ? path.Length : end + slash;
            ReadOnlySpan<byte> prefix = Terminate(path[..end], terminated);
            int error = LocateFollowing(prefix, out SafeFileHandle? directory, out bool hasLinks);
            if (!Exists(error, "openat2"))
            {
                return null;
            }

            using (directory)
            {
                error = LinuxFiles.Stat(directory!, out FileStat stat);
                if (error != Errno.None)
                {
                    throw LinuxFiles.Failed("statx", error);
                }

                if (!stat.IsDirectory || (hasLinks && above.Contains(stat.Identity)))
                {
                    return null;
                }

                above.Add(stat.Identity);
            }

            end++;
        }

        return above;
    }

    public void Dispose() => _root.Dispose();

    /// <summary>Appends the terminating zero that the kernel needs.</summary>
    public static ReadOnlySpan<byte> Terminate(ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        path.CopyTo(buffer);
        buffer[path.Length] = 0;
        return buffer[..(path.Length + 1)];
    }

    /// <summary>Locates a file, links followed, and tells whether its path has any.</summary>
    private int LocateFollowing(ReadOnlySpan<byte> terminated, out SafeFileHandle? found, out bool hasLinks)
    {
        int error = LinuxFiles.Locate(_root, terminated, followLinks: false, out found);
        hasLinks = error == Errno.TooManyLinks;
        return hasLinks ? LinuxFiles.Locate(_root, terminated, followLinks: true, out found) : error;
    }

    private bool IsCircular(ReadOnlySpan<byte> path)
    {
        int last = path.LastIndexOf((byte)'/');
        return last > 0 && Ancestors(path[..last]) is null;
    }

    private static SafeFileHandle? Opened(int error, SafeFileHandle? found, out FileStat stat)
    {
        stat = default;
        if (!Exists(error, "openat2"))
        {
            return null;
        }

        error = LinuxFiles.Stat(found!, out stat);
        return error == Errno.None ? found : throw Close(found!, LinuxFiles.Failed("statx", error));
    }

    /// <summary>False when the error says that nothing is there.</summary>
    private static bool Exists(int error, string call) => error switch
    {
        Errno.None => true,
        _ when Errno.IsAbsent(error) => false,
        _ when Errno.IsDenied(error) => throw new S3Exception(S3Error.AccessDenied),
        _ when Errno.IsExhausted(error) => throw new S3Exception(S3Error.SlowDown, inner: LinuxFiles.Failed(call, error)),
        _ => throw LinuxFiles.Failed(call, error),
    };

    private static IOException Close(SafeFileHandle handle, IOException exception)
    {
        handle.Dispose();
        return exception;
    }
}
