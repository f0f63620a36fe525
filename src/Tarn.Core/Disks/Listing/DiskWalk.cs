using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;

namespace Tarn.Core.Disks.Listing;

/// <summary>
/// One page of a listing: walks the tree in the order of keys, from the marker on, until the page is full. Names come from sorted directories; only
/// files on the page are examined. Used once, by one thread.
/// </summary>
internal sealed class DiskWalk : IDisposable
{
    private readonly ReadableTree _tree;
    private readonly string _ownerId;
    private readonly DiskQuery _query;
    private readonly WalkSettings _settings;
    private readonly WalkBudget _budget;
    private readonly CancellationToken _cancellation;

    private readonly byte[] _path = new byte[DiskPath.MaxLength + LinuxFiles.MaxName + 2];
    private readonly byte[] _namePrefix;
    private readonly DirectoryStack _directories;
    private readonly PendingFiles _pending;
    private readonly DiskPage _page = new();

    /// <param name="start">Bytes of the prefix that are the directory to begin in.</param>
    /// <param name="above">The directories above that one.</param>
    private DiskWalk(
        ReadableTree tree, string ownerId, DiskQuery query, WalkSettings settings, WalkBudget budget, int start, List<FileIdentity> above,
        CancellationToken cancellation)
    {
        _tree = tree;
        _ownerId = ownerId;
        _query = query;
        _settings = settings;
        _budget = budget;
        _cancellation = cancellation;
        query.Prefix.AsSpan(0, start).CopyTo(_path);
        _namePrefix = query.Prefix[start..];
        _directories = new DirectoryStack(tree, settings.Loader, _path, above);
        _pending = new PendingFiles(tree, ownerId, settings, cancellation);
    }

    /// <summary>Reads one page.</summary>
    /// <exception cref="S3Exception">SlowDown.</exception>
    /// <exception cref="IOException">The file system failed.</exception>
    public static DiskPage Run(
        ReadableTree tree, string ownerId, DiskQuery query, WalkSettings settings, WalkBudget budget, CancellationToken cancellation)
    {
        ReadOnlySpan<byte> directory = query.Prefix.AsSpan(0, query.Prefix.AsSpan().LastIndexOf((byte)'/') + 1);
        ReadOnlySpan<byte> plain = directory[..Math.Max(0, directory.Length - 1)];
        if (query.MaxKeys <= 0 || (directory.Length > 0 && !DiskPath.IsCanonical(plain))
            || !DiskPath.IsText(directory) || (!query.AnyCharacter && !DiskPath.IsXml(directory)))
        {
            return new DiskPage();
        }

        // Where the marker is relative to that directory: before it, in it, or past it.
        byte[]? marker = null;
        if (query.After is { } after && after.AsSpan().SequenceCompareTo(directory) > 0)
        {
            if (!after.AsSpan().StartsWith(directory))
            {
                return new DiskPage();
            }

            marker = after[directory.Length..];
        }

        if (tree.Ancestors(plain) is not { } above)
        {
            return new DiskPage();
        }

        // The last of them is the directory itself.
        above.RemoveAt(above.Count - 1);
        using var walk = new DiskWalk(tree, ownerId, query, settings, budget, directory.Length, above, cancellation);
        walk.Enter(tree.OpenDirectory(directory, out FileStat stat), stat, directory.Length, marker);
        walk.Walk();
        return walk._page;
    }

    public void Dispose() => _directories.Dispose();

    private int Count => _page.Objects.Count + _page.CommonPrefixes.Count + _pending.Count;

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
            EntryKind kind = names.Kind(index);
            bool goesOn = kind is EntryKind.File or EntryKind.PerhapsFile
                ? TakeFile(frame, name, kind == EntryKind.PerhapsFile)
                : TakeDirectory(frame, name, kind == EntryKind.PerhapsDirectory, marker);
            if (!goesOn)
            {
                break;
            }
        }

        Look();
    }

    /// <summary>False when the page is full and there is more.</summary>
    private bool TakeFile(DirectoryFrame frame, ReadOnlySpan<byte> name, bool perhaps)
    {
        int length = SetPath(frame, name);
        if (!CanShow(length, name))
        {
            return true;
        }

        FileStat stat = default;
        if (perhaps)
        {
            using SafeFileHandle? located = _tree.Locate(_path.AsSpan(0, length), out stat);
            if (located is null || !stat.IsRegular)
            {
                return true;
            }
        }

        if (IsFull())
        {
            return false;
        }

        byte[] key = _path[..length];
        if (perhaps)
        {
            _pending.AddKnown(key, stat);
        }
        else
        {
            _pending.Add(key, frame.PathLength);
        }

        _page.Last = key;
        return true;
    }

    /// <summary>False when the page is full and there is more, or the search must go on with the next page.</summary>
    private bool TakeDirectory(DirectoryFrame frame, ReadOnlySpan<byte> name, bool perhaps, byte[]? marker)
    {
        int length = SetPath(frame, name);
        if (!CanShow(length, name))
        {
            return true;
        }

        return _query.ByDirectory ? TakePrefix(length, perhaps, marker) : Descend(frame, length, name, perhaps, marker);
    }

    private bool TakePrefix(int length, bool perhaps, byte[]? marker)
    {
        if (perhaps)
        {
            using SafeFileHandle? located = _tree.Locate(_path.AsSpan(0, length - 1), out FileStat stat);
            if (located is null || !stat.IsDirectory || IsCycle(stat, length))
            {
                return true;
            }
        }

        // A marker that is the prefix itself: it was listed before. One within: the prefix counts if anything comes after it.
        if (marker is not null && (marker.Length == 0 || !HasKeyAfterMarker(length)))
        {
            return true;
        }

        if (IsFull())
        {
            return false;
        }

        byte[] prefix = _path[..length];
        _page.CommonPrefixes.Add(prefix);
        _page.Last = prefix;
        return true;
    }

    private bool HasKeyAfterMarker(int length) =>
        Run(_tree, _ownerId, _query with { Prefix = _path[..length], ByDirectory = false, MaxKeys = 1 }, _settings, _budget, _cancellation)
            is { } below && (below.Objects.Count > 0 || below.IsTruncated);

    private bool Descend(DirectoryFrame frame, int length, ReadOnlySpan<byte> name, bool perhaps, byte[]? marker)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (marker is null && !_budget.TrySpend())
        {
            // Too many directories without a full page: the client learns how far the search came, and continues from there.
            _page.IsTruncated = true;
            if (Count < _query.MaxKeys)
            {
                _page.Last = _path[..length];
            }

            return false;
        }

        FileStat stat;
        SafeFileHandle? handle;
        if (perhaps)
        {
            handle = _tree.OpenDirectory(_path.AsSpan(0, length), out stat);
            if (handle is not null && IsCycle(stat, length))
            {
                handle.Dispose();
                return true;
            }
        }
        else
        {
            handle = frame.Handle is { } above
                ? _tree.OpenChild(above, name, _path.AsSpan(0, length), out stat)
                : _tree.OpenDirectory(_path.AsSpan(0, length), out stat);
        }

        Look();
        Enter(handle, stat, length, marker);
        return true;
    }

    private bool IsFull()
    {
        if (Count < _query.MaxKeys)
        {
            return false;
        }

        _page.IsTruncated = true;
        return true;
    }

    private bool CanShow(int length, ReadOnlySpan<byte> name)
    {
        if (length > DiskPath.MaxLength)
        {
            _tree.LeaveOut(LeftOutReason.Length, _path.AsSpan(0, length));
            return false;
        }

        if (!_query.AnyCharacter && !DiskPath.IsXml(name))
        {
            _tree.LeaveOut(LeftOutReason.Characters, _path.AsSpan(0, length));
            return false;
        }

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
            int slash = marker.AsSpan().IndexOf((byte)'/');
            if (slash < 0)
            {
                frame.Position = marker.Length == 0 ? [] : [.. marker, 0];
            }
            else
            {
                frame.Position = marker[..(slash + 1)];
                frame.MarkerBelow = marker[(slash + 1)..];
            }
        }

        if (_directories.Count == 0 && frame.Position.AsSpan().SequenceCompareTo(_namePrefix) < 0)
        {
            frame.Position = _namePrefix;
            frame.MarkerBelow = null;
        }

        _directories.Enter(frame);
    }

    private void Leave()
    {
        Look();
        _directories.Leave();
    }

    /// <summary>Examines the files that were taken from the current directory.</summary>
    private void Look()
    {
        if (_pending.Count > 0)
        {
            _pending.LookInto(_directories.Open(), _page.Objects);
        }
    }

    /// <summary>Whether a link leads to a directory that the walk is already in, which would never end.</summary>
    private bool IsCycle(in FileStat stat, int length)
    {
        if (!_directories.IsWithin(stat))
        {
            return false;
        }

        _tree.LeaveOut(LeftOutReason.Cycle, _path.AsSpan(0, length));
        return true;
    }

    private int SetPath(DirectoryFrame frame, ReadOnlySpan<byte> name)
    {
        name.CopyTo(_path.AsSpan(frame.PathLength));
        return frame.PathLength + name.Length;
    }
}
