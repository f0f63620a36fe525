using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Listing;

/// <summary>
/// One page of a listing: walks the tree in the order of keys, from the marker on, until the page is full. Names come from sorted directories; only
/// files on the page are examined. Used once, by one thread.
/// </summary>
internal sealed class DiskWalk : IDisposable
{
    private readonly WalkContext _context;
    private readonly ReadableTree _tree;
    private readonly DiskQuery _query;
    private readonly byte[] _path = new byte[DiskPath.MaxLength + LinuxFiles.MaxName + 2];
    private readonly byte[] _namePrefix;
    private readonly DirectoryStack _directories;
    private readonly DiskPageBuilder _page;

    private DiskWalk(WalkContext context, DiskQuery query, WalkStart start)
    {
        _context = context;
        _tree = context.Tree;
        _query = query;
        query.Prefix.AsSpan(0, start.Length).CopyTo(_path);
        _namePrefix = query.Prefix[start.Length..];
        _directories = new DirectoryStack(_tree, context.Settings.Loader, _path, start.Above);
        _page = new DiskPageBuilder(context, query.MaxKeys);
    }

    /// <summary>Reads one page.</summary>
    /// <exception cref="S3Exception">SlowDown.</exception>
    /// <exception cref="IOException">The file system failed.</exception>
    public static DiskPage Run(WalkContext context, DiskQuery query)
    {
        if (WalkStart.Find(context.Tree, query) is not { } start)
        {
            return new DiskPage();
        }

        using var walk = new DiskWalk(context, query, start);
        SafeFileHandle? directory = context.Tree.OpenDirectory(walk._path.AsSpan(0, start.Length), out FileStat stat);
        walk.Enter(directory, stat, start.Length, start.Marker);
        walk.Walk();
        return walk._page.Page;
    }

    public void Dispose() => _directories.Dispose();

    private void Walk()
    {
        while (_directories.Count > 0)
        {
            DirectoryFrame frame = _directories.Current;
            if (!_directories.Load())
            {
                Leave();
                continue;
            }

            DirectorySnapshot names = frame.Names!;
            int index = frame.Next++;
            ReadOnlySpan<byte> name = names.Name(index);
            if (_directories.Count == 1 && !name.StartsWith(_namePrefix))
            {
                // Names with the prefix are together, and this one comes after the last of them.
                Leave();
                continue;
            }

            byte[]? marker = frame.MarkerBelow;
            frame.MarkerBelow = null;
            if (!Take(frame, name, names.Kind(index), marker))
            {
                break;
            }
        }

        Examine();
    }

    /// <summary>Takes one entry of a directory; false when the page ends and there is more.</summary>
    private bool Take(DirectoryFrame frame, ReadOnlySpan<byte> name, EntryKind kind, byte[]? marker)
    {
        name.CopyTo(_path.AsSpan(frame.PathLength));
        ReadOnlySpan<byte> path = _path.AsSpan(0, frame.PathLength + name.Length);
        if (!_tree.CanShow(path, frame.PathLength, _query.AnyCharacter))
        {
            return true;
        }

        return kind is EntryKind.File or EntryKind.PerhapsFile ? TakeFile(frame, path, kind == EntryKind.PerhapsFile)
            : _query.ByDirectory ? TakePrefix(path, kind == EntryKind.PerhapsDirectory, marker)
            : Descend(frame, path, kind == EntryKind.PerhapsDirectory, marker);
    }

    private bool TakeFile(DirectoryFrame frame, ReadOnlySpan<byte> path, bool perhaps)
    {
        FileStat stat = default;
        if (perhaps && !_tree.TryLocateFile(path, out stat))
        {
            return true;
        }

        if (!_page.HasRoom())
        {
            return false;
        }

        if (perhaps)
        {
            _page.AddFile(path, stat);
        }
        else
        {
            _page.AddFile(path, frame.PathLength);
        }

        return true;
    }

    private bool TakePrefix(ReadOnlySpan<byte> path, bool perhaps, byte[]? marker)
    {
        if (perhaps && (!_tree.TryLocateDirectory(path, out FileStat stat) || _directories.IsCycle(stat, path)))
        {
            return true;
        }

        // A marker that is the prefix itself: it was listed before. One within: the prefix counts if anything comes after it.
        if (marker is not null && (marker.Length == 0 || !HasKeyAfterMarker(path)))
        {
            return true;
        }

        if (!_page.HasRoom())
        {
            return false;
        }

        _page.AddPrefix(path);
        return true;
    }

    private bool HasKeyAfterMarker(ReadOnlySpan<byte> prefix)
    {
        DiskPage below = Run(_context, _query with { Prefix = prefix.ToArray(), ByDirectory = false, MaxKeys = 1 });
        return below.Objects.Count > 0 || below.IsTruncated;
    }

    private bool Descend(DirectoryFrame frame, ReadOnlySpan<byte> path, bool perhaps, byte[]? marker)
    {
        _context.Cancellation.ThrowIfCancellationRequested();
        if (marker is null && !_context.Budget.TrySpend())
        {
            // Too many directories without a full page.
            _page.EndAt(path);
            return false;
        }

        SafeFileHandle? handle = !perhaps && frame.Handle is { } above
            ? _tree.OpenChild(above, path[frame.PathLength..], path, out FileStat stat)
            : _tree.OpenDirectory(path, out stat);
        if (perhaps && handle is not null && _directories.IsCycle(stat, path))
        {
            handle.Dispose();
            return true;
        }

        Examine();
        Enter(handle, stat, path.Length, marker);
        return true;
    }

    /// <summary>Steps into a directory, to where the marker is in it.</summary>
    private void Enter(SafeFileHandle? handle, in FileStat stat, int pathLength, byte[]? marker)
    {
        if (handle is null)
        {
            return;
        }

        var frame = new DirectoryFrame { Handle = handle, Stat = stat, PathLength = pathLength };
        if (marker is not null)
        {
            frame.StartAfter(marker);
        }

        if (_directories.Count == 0)
        {
            frame.StartFrom(_namePrefix);
        }

        _directories.Enter(frame);
    }

    private void Leave()
    {
        Examine();
        _directories.Leave();
    }

    /// <summary>Examines the files that were taken from the current directory.</summary>
    private void Examine()
    {
        if (_page.HasUnexamined)
        {
            _page.Examine(_directories.Open());
        }
    }
}
