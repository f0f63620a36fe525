using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Files;

namespace Tarn.Core.Backups;

/// <summary>Walks the directory of made disks in the order of the list, whatever bytes are in the names. Links are not followed, and file systems mounted in it are left out.</summary>
/// <param name="root">The directory.</param>
/// <param name="leftOut">Is told what no backup can have: pipes, sockets and devices.</param>
/// <param name="unreadable">Is told what is missing in the backup.</param>
internal sealed class TreeWalk(SafeFileHandle root, Action<byte[], string> leftOut, Action<byte[], string> unreadable)
{
    /// <summary>All that is below the directory.</summary>
    public IEnumerable<TreeEntry> Run()
    {
        LinuxFiles.ThrowIfFailed("statx", LinuxFiles.Stat(root, out FileStat top));
        var waiting = new Stack<byte[]>();
        Push(waiting, []);
        while (waiting.TryPop(out byte[]? path))
        {
            if (Find(path, top.Identity.Device) is { } entry)
            {
                yield return entry;
                if (entry.Kind == TreeKind.Directory)
                {
                    Push(waiting, path);
                }
            }
        }
    }

    /// <summary>Opens a file for reading, if it is the one that was found; null when it is gone or another one by now.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public SafeFileHandle? Open(byte[] path)
    {
        int error = LinuxFiles.Locate(root, Terminated(path), followLinks: false, out SafeFileHandle? located);
        using (located)
        {
            if (IsGone(error))
            {
                return null;
            }

            LinuxFiles.ThrowIfFailed("openat2", error);
            LinuxFiles.ThrowIfFailed("statx", LinuxFiles.Stat(located!, out FileStat stat));
            if (!stat.IsRegular)
            {
                return null;
            }

            LinuxFiles.ThrowIfFailed("open", LinuxFiles.OpenLocated(located!, out SafeFileHandle? file));
            return file;
        }
    }

    private TreeEntry? Find(byte[] path, ulong device)
    {
        int slash = path.AsSpan().LastIndexOf((byte)'/');
        byte[] name = Terminated(path[(slash + 1)..]);
        int error = LinuxFiles.OpenDirectory(root, slash < 0 ? [(byte)'.', 0] : Terminated(path[..slash]), followLinks: false, out SafeFileHandle? parent);
        using (parent)
        {
            error = error == Errno.None ? LinuxFiles.StatName(parent!, name, out FileStat stat) : Error(error, out stat);
            if (error == Errno.NameTooLong)
            {
                unreadable(path, "its path is too long");
                return null;
            }

            if (IsGone(error))
            {
                return null;
            }

            if (error != Errno.None)
            {
                unreadable(path, LinuxFiles.Failed("statx", error).Message);
                return null;
            }

            if (stat.Identity.Device != device)
            {
                unreadable(path, "another file system is mounted there");
                return null;
            }

            if (stat.IsLink)
            {
                error = LinuxFiles.ReadLink(parent!, name, out byte[] target);
                if (error != Errno.None && !IsGone(error))
                {
                    unreadable(path, LinuxFiles.Failed("readlinkat", error).Message);
                }

                return error == Errno.None ? TreeEntry.Of(path, TreeKind.Link, stat) with { Content = target } : null;
            }

            if (!stat.IsDirectory && !stat.IsRegular)
            {
                leftOut(path, "it is neither a file nor a directory nor a link");
                return null;
            }

            return TreeEntry.Of(path, stat.IsDirectory ? TreeKind.Directory : TreeKind.File, stat);
        }

        static int Error(int error, out FileStat stat)
        {
            stat = default;
            return error;
        }
    }

    /// <summary>Adds the names in a directory, so that the first is on top.</summary>
    private void Push(Stack<byte[]> waiting, byte[] directory)
    {
        int error = LinuxFiles.OpenDirectory(root, directory.Length == 0 ? [(byte)'.', 0] : Terminated(directory), followLinks: false, out SafeFileHandle? opened);
        using (opened)
        {
            if (error == Errno.NameTooLong)
            {
                unreadable(directory, "its path is too long");
                return;
            }

            if (IsGone(error))
            {
                return;
            }

            if (error != Errno.None)
            {
                unreadable(directory, LinuxFiles.Failed("openat2", error).Message);
                return;
            }

            var names = new List<byte[]>();
            try
            {
                using var entries = new DirectoryEntries(opened!);
                while (entries.Next())
                {
                    // Uploads that were not completed are not files of a disk.
                    if (!entries.Name.SequenceEqual(DiskPath.Staging))
                    {
                        names.Add(entries.Name.ToArray());
                    }
                }
            }
            catch (IOException e)
            {
                unreadable(directory, e.Message);
            }

            names.Sort(static (one, other) => other.AsSpan().SequenceCompareTo(one));
            byte[]? before = null;
            foreach (byte[] name in names)
            {
                // A directory that changes meanwhile may give a name twice.
                if (before is not null && before.AsSpan().SequenceEqual(name))
                {
                    continue;
                }

                before = name;
                waiting.Push(directory.Length == 0 ? name : [.. directory, (byte)'/', .. name]);
            }
        }
    }

    /// <summary>Whether a name was removed since it was seen. Everything else that keeps it from being read is a problem.</summary>
    private static bool IsGone(int error) => error is Errno.NotFound or Errno.NotADirectory;

    private static byte[] Terminated(byte[] path) => [.. path, 0];
}
