using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Linux;

/// <summary>
/// Removes everything below a directory, whatever bytes are in the names and however deep it is. Links are removed, never followed. It can be done in steps. It ends (EBUSY) once a
/// directory that it is in, or one above, is not where it was found: what is below may be anywhere then. That is looked at when a step begins, before a directory is removed, and after
/// as many names as the directories are deep, at least <see cref="CheckEvery"/>: the kernel has no call that removes a name only if its directory still is in another one.
/// </summary>
internal sealed class TreeRemoval : IDisposable
{
    /// <summary>Directories of the path that stay open; those further up are opened again on the way back.</summary>
    private const int MaxOpen = 24;

    /// <summary>After this many names it is looked again whether the directories are where they were.</summary>
    private const int CheckEvery = 64;

    /// <summary>Entries that a step looks at for each name that it may remove; a directory that it goes into counts as many.</summary>
    private const int LooksPerName = 32;

    private readonly bool _staysWithinMount;
    private readonly Func<FileStat, ulong> _deviceOf;
    private readonly ulong _device;
    private readonly byte[]? _path;

    // Not the call stack: a tree may be deeper than a thread's stack allows.
    private readonly List<Level> _above = [];
    private Level _current;
    private int _unchecked;

    // The current directory, read as far as it was looked at: nothing in it is removed before all of it was. Null when that is done.
    private SafeFileHandle? _looking;

    /// <param name="root">The directory; it stays the caller's.</param>
    /// <param name="staysWithinMount">
    /// Whether a file system that is mounted below, or a subvolume, is an error (EXDEV): otherwise its files are removed too. It is looked for in a directory before anything in it is removed.
    /// </param>
    /// <param name="deviceOf">The number of the device that something is on; null: the kernel's. Tests, for which there is no subvolume, tell another.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public TreeRemoval(SafeFileHandle root, bool staysWithinMount, Func<FileStat, ulong>? deviceOf = null)
    {
        _staysWithinMount = staysWithinMount;
        _deviceOf = deviceOf ?? (static stat => stat.Identity.Device);
        _current = Level.Of(OpenSelf(root), [], out FileStat stat);
        _device = _deviceOf(stat);
        try
        {
            _path = PathOf(_current.Handle!);
            BeginLook();
        }
        catch
        {
            _current.Handle!.Dispose();
            throw;
        }
    }

    /// <summary>The directory itself. A UTF-8 literal is followed by a zero, which its length does not count.</summary>
    private static ReadOnlySpan<byte> Self => "."u8;

    private static ReadOnlySpan<byte> Above => ".."u8;

    /// <summary>Removes a directory with everything below it.</summary>
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
            Empty(root!, staysWithinMount: false);
        }

        Directory.Delete(path);
    }

    /// <summary>Removes everything below a directory at once.</summary>
    /// <inheritdoc cref="TreeRemoval(SafeFileHandle, bool, Func{FileStat, ulong}?)"/>
    /// <exception cref="IOException">Something cannot be removed; earlier removals remain.</exception>
    public static void Empty(SafeFileHandle root, bool staysWithinMount)
    {
        using var removal = new TreeRemoval(root, staysWithinMount);
        while (!removal.Step(int.MaxValue, CancellationToken.None))
        {
        }
    }

    /// <summary>Removes up to so many names, and looks at a multiple of that; true when nothing is left.</summary>
    /// <exception cref="IOException">Something cannot be removed; earlier removals remain. The error number is its <see cref="Exception.HResult"/>.</exception>
    public bool Step(int names, CancellationToken cancellationToken)
    {
        ThrowIfMoved();
        long looks = (long)names * LooksPerName;
        while (names > 0 && looks > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_looking is not null)
            {
                LookOn(_looking, ref looks);
                continue;
            }

            switch (RemoveFiles(ref names, out byte[] child))
            {
                case Found.Directory:
                    looks -= LooksPerName;
                    Enter(child);
                    break;
                case Found.Nothing when _above.Count == 0:
                    return true;
                case Found.Nothing:
                    names--;
                    Leave();
                    break;
            }
        }

        return false;
    }

    public void Dispose()
    {
        EndLook();
        _current.Handle?.Dispose();
        foreach (Level level in _above)
        {
            level.Handle?.Dispose();
        }
    }

    private void Enter(byte[] name)
    {
        int error = _staysWithinMount
            ? LinuxFiles.OpenDirectoryOfMount(_current.Handle!, name, followLinks: false, out SafeFileHandle? opened)
            : LinuxFiles.OpenDirectory(_current.Handle!, name, followLinks: false, out opened);
        Level child = Level.Of(ThrowIfFailed(opened, "openat2", error), name, out FileStat stat);
        _above.Add(_current);
        _current = child;
        if (_staysWithinMount && _deviceOf(stat) != _device)
        {
            throw LinuxFiles.Failed("openat2", Errno.CrossDevice);
        }

        ThrowIfNotIn(child.Handle!, _above[^1].Identity);
        BeginLook();
        if (_above.Count > MaxOpen)
        {
            int far = _above.Count - MaxOpen - 1;
            _above[far].Handle?.Dispose();
            _above[far] = _above[far] with { Handle = null };
        }
    }

    /// <summary>Removes the current directory, which is empty, and goes on in the one that it was in.</summary>
    private void Leave()
    {
        Level parent = _above[^1];
        ThrowIfNotIn(_current.Handle!, parent.Identity);
        if (parent.Handle is null)
        {
            parent = OpenAbove(_current.Handle!, parent);
        }

        Level done = _current;
        _above.RemoveAt(_above.Count - 1);
        _current = parent;
        done.Handle!.Dispose();
        ThrowIfNotRemoved(LinuxFiles.Unlink(_current.Handle!, done.Name, isDirectory: true));
    }

    /// <summary>Removes what is in the current directory, except directories, of which it stops at the first.</summary>
    /// <param name="child">The name of that directory, with a terminating zero.</param>
    private Found RemoveFiles(ref int names, out byte[] child)
    {
        child = [];
        using SafeFileHandle fresh = OpenSelf(_current.Handle!);

        // Few at a time: it is read again for each directory in it.
        using var entries = new DirectoryEntries(fresh, 4096);
        while (entries.Next())
        {
            byte[] name = [.. entries.Name, 0];
            if (entries.Type == EntryType.Directory
                || (entries.Type == EntryType.Unknown && LinuxFiles.StatName(_current.Handle!, name, out FileStat stat) == Errno.None && stat.IsDirectory))
            {
                child = name;
                return Found.Directory;
            }

            if (++_unchecked >= Math.Max(CheckEvery, _above.Count))
            {
                ThrowIfMoved();
            }

            ThrowIfNotRemoved(LinuxFiles.Unlink(_current.Handle!, name, isDirectory: false));
            if (--names == 0)
            {
                return Found.More;
            }
        }

        return Found.Nothing;
    }

    private void BeginLook()
    {
        if (_staysWithinMount)
        {
            _looking = OpenSelf(_current.Handle!);
        }
    }

    /// <summary>Looks at the next entries of the current directory, as many as the kernel tells at once, and throws if one is a directory on another device.</summary>
    private void LookOn(SafeFileHandle directory, ref long looks)
    {
        using var entries = new DirectoryEntries(directory, 4096);
        do
        {
            if (!entries.Next())
            {
                EndLook();
                return;
            }

            looks--;
            if (entries.Type is EntryType.Directory or EntryType.Unknown
                && LinuxFiles.StatName(_current.Handle!, [.. entries.Name, 0], out FileStat stat) == Errno.None && stat.IsDirectory && _deviceOf(stat) != _device)
            {
                throw LinuxFiles.Failed("statx", Errno.CrossDevice);
            }
        }
        while (!entries.IsAtEndOfBuffer);
    }

    private void EndLook()
    {
        _looking?.Dispose();
        _looking = null;
    }

    /// <summary>Throws if a directory of the path, or one above the root, is not where it was found.</summary>
    private void ThrowIfMoved()
    {
        _unchecked = 0;
        SafeFileHandle at = _current.Handle!;
        SafeFileHandle? opened = null;
        try
        {
            for (int i = _above.Count - 1; i >= 0; i--)
            {
                if (_above[i].Handle is { } held)
                {
                    ThrowIfNotIn(at, _above[i].Identity);
                    at = held;
                    continue;
                }

                SafeFileHandle above = OpenAbove(at, _above[i]).Handle!;
                opened?.Dispose();
                (at, opened) = (above, above);
            }

            if (!PathOf(at).AsSpan().SequenceEqual(_path))
            {
                throw LinuxFiles.Failed("readlink", Errno.Busy);
            }
        }
        finally
        {
            opened?.Dispose();
        }
    }

    private Level OpenAbove(SafeFileHandle directory, Level expected)
    {
        int error = LinuxFiles.OpenAbove(directory, _staysWithinMount, out SafeFileHandle? opened);
        Level above = Level.Of(ThrowIfFailed(opened, "openat2", error), expected.Name, out _);
        if (above.Identity == expected.Identity)
        {
            return above;
        }

        // It was moved meanwhile: the directory that it is in now may be anywhere, and was never to be removed.
        above.Handle!.Dispose();
        throw LinuxFiles.Failed("openat2", Errno.Busy);
    }

    private static void ThrowIfNotIn(SafeFileHandle directory, FileIdentity above)
    {
        int error = LinuxFiles.StatName(directory, Above, out FileStat stat);
        if (error != Errno.None || stat.Identity != above)
        {
            throw LinuxFiles.Failed("statx", error == Errno.None ? Errno.Busy : error);
        }
    }

    /// <summary>The path of a directory as it is now; null when it is too long to be told.</summary>
    private static byte[]? PathOf(SafeFileHandle directory)
    {
        int error = LinuxFiles.PathOf(directory, out byte[] path);
        return error is Errno.None or Errno.NameTooLong ? (error == Errno.None ? path : null) : throw LinuxFiles.Failed("readlink", error);
    }

    private static void ThrowIfNotRemoved(int error)
    {
        if (error != Errno.None && !Errno.IsAbsent(error))
        {
            throw LinuxFiles.Failed("unlinkat", error);
        }
    }

    private static SafeFileHandle OpenSelf(SafeFileHandle directory)
    {
        int error = LinuxFiles.OpenDirectory(directory, Self, followLinks: false, out SafeFileHandle? opened);
        return ThrowIfFailed(opened, "open", error);
    }

    private static SafeFileHandle ThrowIfFailed(SafeFileHandle? handle, string call, int error) => handle ?? throw LinuxFiles.Failed(call, error);

    private enum Found
    {
        Nothing,
        Directory,
        More,
    }

    /// <param name="Handle">Open for reading; null: opened again on the way back.</param>
    /// <param name="Name">Its name in the directory above, with a terminating zero.</param>
    private readonly record struct Level(SafeFileHandle? Handle, FileIdentity Identity, byte[] Name)
    {
        public static Level Of(SafeFileHandle handle, byte[] name, out FileStat stat)
        {
            int error = LinuxFiles.Stat(handle, out stat);
            if (error == Errno.None)
            {
                return new Level(handle, stat.Identity, name);
            }

            handle.Dispose();
            throw LinuxFiles.Failed("statx", error);
        }
    }
}
