using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Disks.Linux;

/// <summary>Removes a directory and all below it, whatever bytes its names are. Links are removed, never followed.</summary>
internal static class TreeRemoval
{
    /// <summary>The directory itself. A UTF-8 literal is followed by a zero, which its length does not count.</summary>
    private static ReadOnlySpan<byte> Self => "."u8;

    /// <param name="path">The directory. When it has become a link, only the link goes: what it leads to is somebody else's.</param>
    /// <exception cref="IOException">Something cannot be removed; what was removed before stays so.</exception>
    public static void Remove(string path)
    {
        int error = LinuxFiles.OpenRoot(path, out SafeFileHandle? root);
        if (Errno.IsAbsent(error))
        {
            // A link is as good as absent, but is in the way of nothing only once it is gone.
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
        // A stack of its own: a tree may be deeper than a thread's stack is.
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

    /// <summary>Removes everything of a directory but its directories, of which it returns one (with a terminating zero), or null.</summary>
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
