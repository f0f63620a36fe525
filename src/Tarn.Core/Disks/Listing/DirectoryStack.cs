using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Listing;

/// <summary>The directories from the start of a walk to its position. Bounds how many stay open, and how many of their names are held.</summary>
/// <param name="path">The walk's path; each directory's path is a prefix of it.</param>
/// <param name="above">The directories that the walk began below; those that are entered are added.</param>
internal sealed class DirectoryStack(ReadableTree tree, SnapshotLoader loader, byte[] path, List<FileIdentity> above) : IDisposable
{
    /// <summary>Directories of the path that stay open; those further up are opened again on the way back.</summary>
    private const int MaxOpen = 24;

    /// <summary>The maximum number of bytes of names that a walk holds.</summary>
    private const long MaxHeld = 96L << 20;

    private readonly List<DirectoryFrame> _frames = [];
    private long _held;

    public int Count => _frames.Count;

    public DirectoryFrame Current => _frames[^1];

    /// <summary>Whether a link leads to a directory that the walk is already in: to follow it would never end. It is then left out.</summary>
    /// <param name="link">The link's path.</param>
    public bool IsCycle(in FileStat directory, ReadOnlySpan<byte> link)
    {
        if (!above.Contains(directory.Identity))
        {
            return false;
        }

        tree.LeaveOut(LeftOutReason.Cycle, link);
        return true;
    }

    /// <summary>Steps into a directory.</summary>
    public void Enter(DirectoryFrame frame)
    {
        above.Add(frame.Stat.Identity);
        _frames.Add(frame);
        if (_frames.Count > MaxOpen)
        {
            DirectoryFrame far = _frames[^(MaxOpen + 1)];
            far.Handle?.Dispose();
            far.Handle = null;
        }
    }

    /// <summary>Steps out of the current directory.</summary>
    public void Leave()
    {
        Current.Handle?.Dispose();
        _held -= Current.Names?.Footprint ?? 0;
        _frames.RemoveAt(_frames.Count - 1);
        above.RemoveAt(above.Count - 1);
    }

    /// <summary>The current directory's descriptor; opened again where it was closed, null when it is gone.</summary>
    public SafeFileHandle? Open()
    {
        DirectoryFrame frame = Current;
        if (frame.Handle is null)
        {
            frame.Handle = tree.OpenDirectory(path.AsSpan(0, frame.PathLength), out FileStat stat);
            frame.Stat = stat;
        }

        return frame.Handle;
    }

    /// <summary>Ensures that the current directory's next entry is loaded; false when there is none.</summary>
    public bool Load()
    {
        DirectoryFrame frame = Current;
        if (frame.Names is { } names)
        {
            if (frame.Next < names.Count)
            {
                return true;
            }

            if (names.IsLast)
            {
                return false;
            }

            frame.Position = [.. names.Name(names.Count - 1), 0];
            _held -= names.Footprint;
            frame.Names = null;
        }

        if (Open() is not { } handle)
        {
            return false;
        }

        DirectorySnapshot loaded = loader.Load(handle, frame.Stat, frame.Position, tree.Disk, path.AsSpan(0, frame.PathLength));
        frame.Names = loaded;
        frame.Next = loaded.Seek(frame.Position);

        // The marker's directory may be gone.
        if (frame.MarkerBelow is not null && (frame.Next == loaded.Count || !loaded.Name(frame.Next).SequenceEqual(frame.Position)))
        {
            frame.MarkerBelow = null;
        }

        Hold(loaded.Footprint);
        return frame.Next < loaded.Count || (!loaded.IsLast && Load());
    }

    /// <summary>Counts what the walk holds, and releases the names furthest up when it is too much.</summary>
    private void Hold(long footprint)
    {
        _held += footprint;
        for (int i = 0; i < _frames.Count - 1 && _held > MaxHeld; i++)
        {
            if (_frames[i].Names is { } names)
            {
                _frames[i].Position = _frames[i].Next < names.Count ? names.Name(_frames[i].Next).ToArray() : [.. names.Name(names.Count - 1), 0];
                _frames[i].Names = null;
                _held -= names.Footprint;
            }
        }
    }

    public void Dispose()
    {
        foreach (DirectoryFrame frame in _frames)
        {
            frame.Handle?.Dispose();
        }
    }
}
