using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Linux;

/// <summary>Removes a directory and everything below it, whatever bytes are in the names. Links are removed, never followed.</summary>
internal static class TreeRemoval
{
    /// <summary>The directory itself. A UTF-8 literal is followed by a zero, which its length does not count.</summary>
    private static ReadOnlySpan<byte> Self => "."u8;

    /// <param name="path">The directory. If it has become a link, only the link is removed, not its target.</param>
    /// <exception cref="IOException">Something cannot be removed; earlier removals remain.</exception>
    public static void Remove(string path)
    {
        int error = LinuxFiles.OpenRoot(path, out SafeFileHandle? root);
        if (Errno.IsAbsent(error))
        {
            // A link counts as absent, but must be removed so that it is not in the way.
            if (new FileInfo(path) is { LinkTarget: not null } link)
            {
                link.Delete();
            }

            return;
        }

        using (ThrowIfFailed(root, "open", error))
        {
            Empty(root!);
        }

        Directory.Delete(path);
    }

    private static void Empty(SafeFileHandle root)
    {
        // An explicit stack: a tree may be deeper than a thread's stack allows.
        var above = new Stack<(SafeFileHandle Directory, byte[] Name)>();
        SafeFileHandle current = ThrowIfFailed(OpenSelf(root, out int error), "open", error);
        try
        {
            while (true)
            {
                if (RemoveFiles(current) is { } child)
                {
                    error = LinuxFiles.OpenDirectory(current, child, followLinks: false, out SafeFileHandle? opened);
                    SafeFileHandle below = ThrowIfFailed(opened, "openat2", error);
                    above.Push((current, child));
                    current = below;
                    continue;
                }

                current.Dispose();
                if (!above.TryPop(out (SafeFileHandle Directory, byte[] Name) parent))
                {
                    return;
                }

                current = parent.Directory;
                error = LinuxFiles.Unlink(current, parent.Name, isDirectory: true);
                if (error != Errno.None && !Errno.IsAbsent(error))
                {
                    throw LinuxFiles.Failed("unlinkat", error);
                }
            }
        }
        finally
        {
            current.Dispose();
            foreach ((SafeFileHandle directory, _) in above)
            {
                directory.Dispose();
            }
        }
    }

    /// <summary>Removes everything in a directory except directories; returns the name of one of those (with a terminating zero), or null.</summary>
    private static byte[]? RemoveFiles(SafeFileHandle directory)
    {
        using SafeFileHandle fresh = ThrowIfFailed(OpenSelf(directory, out int error), "open", error);
        
        // Few at a time: it is read again for each directory in it.
        using var entries = new DirectoryEntries(fresh, 4096);
        while (entries.Next())
        {
            byte[] name = [.. entries.Name, 0];
            if (entries.Type == EntryType.Directory
                || (entries.Type == EntryType.Unknown && LinuxFiles.StatName(directory, name, out FileStat stat) == Errno.None && stat.IsDirectory))
            {
                return name;
            }

            error = LinuxFiles.Unlink(directory, name, isDirectory: false);
            if (error != Errno.None && !Errno.IsAbsent(error))
            {
                throw LinuxFiles.Failed("unlinkat", error);
            }
        }

        return null;
    }

    private static SafeFileHandle? OpenSelf(SafeFileHandle directory, out int error)
    {
        error = LinuxFiles.OpenDirectory(directory, Self, followLinks: false, out SafeFileHandle? opened);
        return opened;
    }

    private static SafeFileHandle ThrowIfFailed(SafeFileHandle? handle, string call, int error) => handle ?? throw LinuxFiles.Failed(call, error);
}
