using System.Text;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Writing;

/// <summary>
/// The directory of a disk's files that are being written, <c>.tarn-uploads/dsk-…</c> below its root: in the same file system as what they become, so that one
/// step gives them their names. Only the server's user may use it: anyone else could have the server write to other files, through hard links.
/// </summary>
internal sealed class Staging : IDisposable
{
    private static readonly string Text = Encoding.UTF8.GetString(DiskPath.Staging);

    private Staging(SafeFileHandle directory) => Directory = directory;

    /// <summary>Open for reading.</summary>
    public SafeFileHandle Directory { get; }

    /// <summary>Opens the directory; null when there is none.</summary>
    /// <exception cref="DiskChangeRefusedException">Denied: it is another user's, or open to others.</exception>
    public static Staging? Open(DiskTree tree, DiskId disk) => Open(tree, disk, creates: false);

    /// <summary>Opens the directory, which is created if there is none.</summary>
    /// <exception cref="DiskChangeRefusedException">Denied: it is another user's, or open to others, or may not be created.</exception>
    public static Staging Create(DiskTree tree, DiskId disk) => Open(tree, disk, creates: true)!;

    /// <summary>Removes a disk's directory with all that is in it.</summary>
    /// <exception cref="IOException">Something cannot be removed.</exception>
    public static void Drop(DiskTree tree, DiskId disk)
    {
        using SafeFileHandle root = Root(tree);
        using SafeFileHandle? shared = Step(root, [.. DiskPath.Staging, 0], creates: false, out _);
        if (shared is null)
        {
            return;
        }

        byte[] name = NameOf(disk);
        using (SafeFileHandle? own = Step(shared, name, creates: false, out _))
        {
            if (own is null)
            {
                return;
            }

            TreeRemoval.Empty(own, staysWithinMount: true);
        }

        LinuxFiles.ThrowIfFailed("unlinkat", LinuxFiles.Unlink(shared, name, isDirectory: true));

        // Other disks may have the same tree.
        int error = LinuxFiles.Unlink(root, [.. DiskPath.Staging, 0], isDirectory: true);
        if (error != Errno.NotEmpty)
        {
            LinuxFiles.ThrowIfFailed("unlinkat", error);
        }
    }

    /// <summary>The names in the directory.</summary>
    public List<string> Names()
    {
        LinuxFiles.ThrowIfFailed("lseek", LinuxFiles.Rewind(Directory));
        var names = new List<string>();
        using var entries = new DirectoryEntries(Directory, 16 * 1024);
        while (entries.Next())
        {
            names.Add(Encoding.UTF8.GetString(entries.Name));
        }

        return names;
    }

    /// <summary>A name as system calls take it.</summary>
    public static byte[] Terminated(string name) => [.. Encoding.ASCII.GetBytes(name), 0];

    /// <summary>Removes a file, if it is there.</summary>
    public void Remove(string name)
    {
        int error = LinuxFiles.Unlink(Directory, Terminated(name), isDirectory: false);
        if (error != Errno.NotFound)
        {
            LinuxFiles.ThrowIfFailed("unlinkat", error);
        }
    }

    public void Dispose() => Directory.Dispose();

    private static Staging? Open(DiskTree tree, DiskId disk, bool creates)
    {
        using SafeFileHandle root = Root(tree);
        using SafeFileHandle? shared = Step(root, [.. DiskPath.Staging, 0], creates, out _);
        if (shared is null || Step(shared, NameOf(disk), creates, out FileStat stat) is not { } own)
        {
            return null;
        }

        if (stat.Identity.Device == tree.Identity.Device)
        {
            return new Staging(own);
        }

        own.Dispose();
        throw ChangeErrors.Of("openat2", Errno.CrossDevice, Text);
    }

    private static SafeFileHandle Root(DiskTree tree) => tree.OpenForChanges([], out _) ?? throw ChangeErrors.Of("openat2", Errno.NotFound, "");

    private static SafeFileHandle? Step(SafeFileHandle parent, byte[] name, bool creates, out FileStat stat)
    {
        stat = default;
        if (creates)
        {
            int made = LinuxFiles.MakeDirectory(parent, name);
            if (made == Errno.None)
            {
                Parents.Sync(parent);
            }
            else if (made != Errno.Exists)
            {
                throw ChangeErrors.Of("mkdirat", made, Text);
            }
        }

        int error = LinuxFiles.OpenDirectoryOfMount(parent, name, followLinks: false, out SafeFileHandle? directory);
        if (error == Errno.NotFound && !creates)
        {
            return null;
        }

        if (error is Errno.NotADirectory or Errno.TooManyLinks or Errno.AccessDenied)
        {
            throw NotOwn();
        }

        if (error != Errno.None)
        {
            throw ChangeErrors.Of("openat2", error, Text);
        }

        error = LinuxFiles.Stat(directory!, out stat);
        if (error == Errno.None && stat.Owner == LinuxFiles.CurrentUser && NewMode.IsPrivate(stat))
        {
            error = creates ? Isolate(directory!, stat) : Errno.None;
            if (error == Errno.None)
            {
                return directory;
            }

            directory!.Dispose();
            throw ChangeErrors.Of("fchmod", error, Text);
        }

        directory!.Dispose();
        throw error == Errno.None ? NotOwn() : LinuxFiles.Failed("statx", error);
    }

    /// <summary>Takes from a directory what files would inherit in it: the root's default access control list and group are not those of the directory that a file is for.</summary>
    private static int Isolate(SafeFileHandle directory, in FileStat stat)
    {
        int error = LinuxFiles.RemoveAccessList(directory, isDefault: true);
        error = error == Errno.None ? LinuxFiles.RemoveAccessList(directory, isDefault: false) : error;
        if (error != Errno.None || (!NewMode.SetsGroup(stat) && stat.Group == LinuxFiles.CurrentGroup))
        {
            return error;
        }

        // Where no group may be given, what is published from it is looked at once more; see NewMode.
        error = LinuxFiles.SetGroup(directory, LinuxFiles.CurrentGroup);
        return error is Errno.None or Errno.NotPermitted ? LinuxFiles.SetPermissions(directory, NewMode.All) : error;
    }

    private static byte[] NameOf(DiskId disk) => Terminated(disk.Value);

    private static DiskChangeRefusedException NotOwn() => new(
        DiskChangeRefusal.Denied, $"'{Text}' in the disk's root must be a directory of the server's user with permissions 0700: the server keeps files there while they are written");
}
