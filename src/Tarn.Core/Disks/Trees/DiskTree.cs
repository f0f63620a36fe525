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
        int error = LinuxFiles.OpenDirectory(_root, given, followLinks: false, out SafeFileHandle? found);
        if (MayBeLink(error))
        {
            error = Outside(LinuxFiles.OpenDirectory(_root, given, followLinks: true, out found), ref found);
        }

        return Opened(error, found, out stat);
    }

    /// <summary>
    /// Opens a directory by its path to change names in it: as <see cref="OpenDirectory"/>, but none that is entered again by a link, and none in another file system.
    /// </summary>
    /// <param name="path">Canonical, or empty for the root.</param>
    /// <exception cref="S3Exception">AccessDenied, SlowDown.</exception>
    /// <exception cref="IOException">It is in another mount or file system than the root: the error number is EXDEV.</exception>
    public SafeFileHandle? OpenForChanges(ReadOnlySpan<byte> path, out FileStat stat)
    {
        stat = default;
        Span<byte> terminated = stackalloc byte[LinuxFiles.MaxPath + 1];
        ReadOnlySpan<byte> given = path.IsEmpty ? "."u8 : Terminate(path, terminated);
        int error = LinuxFiles.OpenDirectoryOfMount(_root, given, followLinks: false, out SafeFileHandle? found);
        if (MayBeLink(error))
        {
            if (Ancestors(path) is null)
            {
                return null;
            }

            error = Outside(LinuxFiles.OpenDirectoryOfMount(_root, given, followLinks: true, out found), ref found);
        }

        // A subvolume is in the same mount, but nothing can be renamed into it.
        return Opened(error, found, out stat) is not { } opened || stat.Identity.Device == Identity.Device
            ? found
            : throw Close(opened, LinuxFiles.Failed("openat2", Errno.CrossDevice));
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
        HashSet<FileIdentity>? entered = null;
        Span<byte> terminated = stackalloc byte[LinuxFiles.MaxPath + 1];
        SafeFileHandle? current = null;
        try
        {
            // Step by step, each from the one before: only a link is resolved from the root again.
            for (int start = 0, end; start < path.Length; start = end + 1)
            {
                int slash = path[start..].IndexOf((byte)'/');
                end = slash < 0 ? path.Length : start + slash;
                int error = LinuxFiles.Locate(current ?? _root, Terminate(path[start..end], terminated), followLinks: false, out SafeFileHandle? next);
                if (error == Errno.TooManyLinks)
                {
                    entered ??= [.. above];
                    error = Outside(LinuxFiles.Locate(_root, Terminate(path[..end], terminated), followLinks: true, out next), ref next);
                }

                current?.Dispose();
                current = Opened(error, next, out FileStat stat);
                if (current is null || !stat.IsDirectory || entered?.Add(stat.Identity) == false)
                {
                    return null;
                }

                above.Add(stat.Identity);
            }
        }
        finally
        {
            current?.Dispose();
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

    /// <summary>Whether a directory may be found where none was, if links are followed: one at the end of the path is reported as something else than a directory.</summary>
    private static bool MayBeLink(int error) => error is Errno.TooManyLinks or Errno.NotADirectory;

    /// <summary>Locates a file, links followed, and tells whether its path has any.</summary>
    private int LocateFollowing(ReadOnlySpan<byte> terminated, out SafeFileHandle? found, out bool hasLinks)
    {
        int error = LinuxFiles.Locate(_root, terminated, followLinks: false, out found);
        hasLinks = error == Errno.TooManyLinks;
        return hasLinks ? Outside(LinuxFiles.Locate(_root, terminated, followLinks: true, out found), ref found) : error;
    }

    /// <summary>
    /// Closes what a path with links leads to if that is where files are kept while they are written (ENOENT): the path itself does not have that name in it, but a link
    /// may lead there, under any name.
    /// </summary>
    private int Outside(int error, ref SafeFileHandle? found)
    {
        if (error != Errno.None || !IsStaging(found!))
        {
            return error;
        }

        found!.Dispose();
        found = null;
        return Errno.NotFound;
    }

    private bool IsStaging(SafeFileHandle found)
    {
        int error = LinuxFiles.PathOf(found, out byte[] path);
        if (error == Errno.NameTooLong)
        {
            // It is further below: such directories are in the root of a disk, whose path is shorter, and only files are in them.
            return false;
        }

        LinuxFiles.ThrowIfFailed("readlink", error);
        if (!DiskPath.HasStaging(path))
        {
            return false;
        }

        // The root itself may have been attached in such a directory; names above it do not matter.
        error = LinuxFiles.PathOf(_root, out byte[] root);
        return error != Errno.None || !path.AsSpan().StartsWith(root) || DiskPath.HasStaging(path.AsSpan(root.Length));
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
