using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Errors;
using Tarn.Core.Model;

namespace Tarn.Core.Disks.Listing;

/// <summary>
/// One page of a listing: walks the tree in the order of keys, from the marker on, until the page is full. Names come from sorted
/// directories; only what is on the page is looked at. Used once, by one thread.
/// </summary>
internal sealed class DiskWalk
{
    /// <summary>Directories of the path that stay open; those further up are opened again on the way back.</summary>
    private const int MaxOpen = 24;

    /// <summary>Bytes of names that a walk holds on to.</summary>
    private const long MaxHeld = 96L << 20;

    /// <summary>Files of a directory that are looked at one after the other, to see how long that takes.</summary>
    private const int FilesToProbe = 16;

    /// <summary>Files that are looked at together where it takes long.</summary>
    private const int LooksAtOnce = 16;

    private readonly DiskTree _tree;
    private readonly Disk _disk;
    private readonly string _ownerId;
    private readonly DiskQuery _query;
    private readonly WalkSettings _settings;
    private readonly LeftOut _leftOut;
    private readonly WalkBudget _budget;
    private readonly CancellationToken _cancellation;

    private readonly byte[] _path = new byte[DiskPath.MaxLength + LinuxFiles.MaxName + 2];
    private readonly List<DirectoryFrame> _frames = [];
    private readonly List<FileIdentity> _above;
    private readonly List<PendingFile> _pending = [];
    private readonly DiskPage _page = new();
    private byte[] _namePrefix = [];
    private long _held;

    private DiskWalk(
        DiskTree tree, Disk disk, string ownerId, DiskQuery query, WalkSettings settings, LeftOut leftOut, WalkBudget budget,
        List<FileIdentity> above, CancellationToken cancellation)
    {
        _tree = tree;
        _disk = disk;
        _ownerId = ownerId;
        _query = query;
        _settings = settings;
        _leftOut = leftOut;
        _budget = budget;
        _above = above;
        _cancellation = cancellation;
    }

    /// <summary>Reads one page.</summary>
    /// <exception cref="S3Exception">SlowDown.</exception>
    /// <exception cref="IOException">The file system failed.</exception>
    public static DiskPage Run(
        DiskTree tree, Disk disk, string ownerId, DiskQuery query, WalkSettings settings, LeftOut leftOut, WalkBudget budget, CancellationToken cancellation)
    {
        ReadOnlySpan<byte> prefix = query.Prefix;
        ReadOnlySpan<byte> directory = prefix[..(prefix.LastIndexOf((byte)'/') + 1)];
        if (query.MaxKeys <= 0 || (directory.Length > 0 && !DiskPath.IsCanonical(directory[..^1]))
            || !DiskPath.IsText(directory) || (!query.AnyCharacter && !DiskPath.IsXml(directory)))
        {
            return new DiskPage();
        }

        // Where the marker lies as seen from that directory: before it, in it, or past it.
        byte[]? marker = null;
        if (query.After is { } after && after.AsSpan().SequenceCompareTo(directory) > 0)
        {
            if (!after.AsSpan().StartsWith(directory))
            {
                return new DiskPage();
            }

            marker = after[directory.Length..];
        }

        List<FileIdentity>? above = Absent(() => tree.Ancestors(query.Prefix.AsSpan(0, Math.Max(0, query.Prefix.AsSpan().LastIndexOf((byte)'/')))));
        if (above is null)
        {
            return new DiskPage();
        }

        // The last of them is the directory itself.
        above.RemoveAt(above.Count - 1);
        var walk = new DiskWalk(tree, disk, ownerId, query, settings, leftOut, budget, above, cancellation)
        {
            _namePrefix = prefix[directory.Length..].ToArray(),
        };
        directory.CopyTo(walk._path);
        try
        {
            walk.Enter(walk.OpenByPath(directory.Length, out FileStat stat), stat, directory.Length, marker);
            walk.Walk();
            return walk._page;
        }
        finally
        {
            foreach (DirectoryFrame frame in walk._frames)
            {
                frame.Handle?.Dispose();
            }
        }
    }

    private int Count => _page.Objects.Count + _page.CommonPrefixes.Count + _pending.Count;

    private void Walk()
    {
        while (_frames.Count > 0)
        {
            DirectoryFrame frame = _frames[^1];
            if (!Load(frame))
            {
                Leave(frame);
                continue;
            }

            DirectorySnapshot names = frame.Names!;
            int index = frame.Next++;
            ReadOnlySpan<byte> name = names.Name(index);
            if (_frames.Count == 1 && !name.StartsWith(_namePrefix))
            {
                // Names with the prefix are together, and this one comes after the last of them.
                Leave(frame);
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
            using SafeFileHandle? located = Locate(_path.AsSpan(0, length), out stat);
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
        _pending.Add(new PendingFile(key, frame.PathLength, perhaps ? Entry(key, stat) : null));
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
            using SafeFileHandle? located = Locate(_path.AsSpan(0, length - 1), out FileStat stat);
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
        Run(_tree, _disk, _ownerId, _query with { Prefix = _path[..length], ByDirectory = false, MaxKeys = 1 }, _settings, _leftOut, _budget, _cancellation)
            is { } below && (below.Objects.Count > 0 || below.IsTruncated);

    private bool Descend(DirectoryFrame frame, int length, ReadOnlySpan<byte> name, bool perhaps, byte[]? marker)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (marker is null && !_budget.TrySpend())
        {
            // So many directories without a full page: the client is told how far the search came, and goes on from there.
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
            handle = OpenByPath(length, out stat);
            if (handle is not null && IsCycle(stat, length))
            {
                handle.Dispose();
                return true;
            }
        }
        else
        {
            handle = OpenChild(frame, length, name, out stat);
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
            _leftOut.Add(_disk, LeftOutReason.Length, _path.AsSpan(0, length));
            return false;
        }

        if (!_query.AnyCharacter && !DiskPath.IsXml(name))
        {
            _leftOut.Add(_disk, LeftOutReason.Characters, _path.AsSpan(0, length));
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
        _above.Add(stat.Identity);
        _frames.Add(frame);
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

        if (_frames.Count == 1 && frame.Position.AsSpan().SequenceCompareTo(_namePrefix) < 0)
        {
            frame.Position = _namePrefix;
            frame.MarkerBelow = null;
        }

        if (_frames.Count > MaxOpen)
        {
            DirectoryFrame far = _frames[^(MaxOpen + 1)];
            far.Handle?.Dispose();
            far.Handle = null;
        }
    }

    private void Leave(DirectoryFrame frame)
    {
        Look();
        frame.Handle?.Dispose();
        _held -= frame.Names?.Footprint ?? 0;
        _frames.RemoveAt(_frames.Count - 1);
        _above.RemoveAt(_above.Count - 1);
    }

    /// <summary>Sees to it that the frame's next entry is at hand; false when there is none.</summary>
    private bool Load(DirectoryFrame frame)
    {
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

        if (frame.Handle is null && !Reopen(frame))
        {
            return false;
        }

        DirectorySnapshot loaded = _settings.Loader.Load(frame.Handle!, frame.Stat, frame.Position, _disk, _path.AsSpan(0, frame.PathLength));
        frame.Names = loaded;
        frame.Next = loaded.Seek(frame.Position);

        // The marker's directory may be gone.
        if (frame.MarkerBelow is not null && (frame.Next == loaded.Count || !loaded.Name(frame.Next).SequenceEqual(frame.Position)))
        {
            frame.MarkerBelow = null;
        }

        Hold(loaded.Footprint);
        return frame.Next < loaded.Count || (!loaded.IsLast && Load(frame));
    }

    /// <summary>Counts what the walk holds, and lets go of the names furthest up when it is too much.</summary>
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

    private bool Reopen(DirectoryFrame frame)
    {
        frame.Handle = OpenByPath(frame.PathLength, out FileStat stat);
        frame.Stat = stat;
        return frame.Handle is not null;
    }

    /// <summary>A link to a directory that the walk is in would never end.</summary>
    private bool IsCycle(in FileStat stat, int length)
    {
        if (!_above.Contains(stat.Identity))
        {
            return false;
        }

        _leftOut.Add(_disk, LeftOutReason.Cycle, _path.AsSpan(0, length));
        return true;
    }

    private int SetPath(DirectoryFrame frame, ReadOnlySpan<byte> name)
    {
        name.CopyTo(_path.AsSpan(frame.PathLength));
        return frame.PathLength + name.Length;
    }

    private SafeFileHandle? OpenByPath(int length, out FileStat stat)
    {
        try
        {
            return _tree.OpenDirectory(_path.AsSpan(0, Math.Max(0, length - 1)), out stat);
        }
        catch (S3Exception e) when (e.Error == S3Error.AccessDenied)
        {
            return Denied(_path.AsSpan(0, length), out stat);
        }
    }

    private SafeFileHandle? OpenChild(DirectoryFrame frame, int length, ReadOnlySpan<byte> name, out FileStat stat)
    {
        if (frame.Handle is null)
        {
            return OpenByPath(length, out stat);
        }

        try
        {
            Span<byte> terminated = stackalloc byte[LinuxFiles.MaxName + 1];
            return DiskTree.OpenChild(frame.Handle, DiskTree.Terminate(name[..^1], terminated), out stat);
        }
        catch (S3Exception e) when (e.Error == S3Error.AccessDenied)
        {
            return Denied(_path.AsSpan(0, length), out stat);
        }
    }

    private SafeFileHandle? Locate(ReadOnlySpan<byte> path, out FileStat stat)
    {
        try
        {
            return _tree.Locate(path, out stat);
        }
        catch (S3Exception e) when (e.Error == S3Error.AccessDenied)
        {
            return Denied(path, out stat);
        }
    }

    private SafeFileHandle? Denied(ReadOnlySpan<byte> path, out FileStat stat)
    {
        stat = default;
        _leftOut.Add(_disk, LeftOutReason.Permission, path);
        return null;
    }

    /// <summary>Looks at the files that were taken from the current directory; one that is gone meanwhile is not on the page.</summary>
    private void Look()
    {
        if (_pending.Count == 0)
        {
            return;
        }

        DirectoryFrame frame = _frames[^1];
        bool isOpen = frame.Handle is not null || Reopen(frame);
        var looked = new DiskEntry?[_pending.Count];
        int first = Math.Min(looked.Length, FilesToProbe);
        long started = _settings.Clock.GetTimestamp();
        for (int i = 0; i < first; i++)
        {
            looked[i] = Look(isOpen ? frame.Handle : null, _pending[i]);
        }

        if (looked.Length > first && _settings.Clock.GetElapsedTime(started) >= first * _settings.SlowLook)
        {
            LookTogether(isOpen ? frame.Handle : null, looked, first);
        }
        else
        {
            for (int i = first; i < looked.Length; i++)
            {
                looked[i] = Look(isOpen ? frame.Handle : null, _pending[i]);
            }
        }

        foreach (DiskEntry? entry in looked)
        {
            if (entry is not null)
            {
                _page.Objects.Add(entry);
            }
        }

        _pending.Clear();
    }

    /// <summary>Where each look waits for a device or a server, many wait at once.</summary>
    private void LookTogether(SafeFileHandle? directory, DiskEntry?[] looked, int first)
    {
        try
        {
            Parallel.For(
                first, looked.Length, new ParallelOptions { MaxDegreeOfParallelism = LooksAtOnce, CancellationToken = _cancellation },
                i => looked[i] = Look(directory, _pending[i]));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private DiskEntry? Look(SafeFileHandle? directory, in PendingFile file) =>
        file.Entry ?? (directory is not null && TryLook(directory, file, out FileStat stat) ? Entry(file.Key, stat) : null);

    private DiskEntry Entry(byte[] key, in FileStat stat) =>
        new(ObjectKey.FromUtf8(key), stat.Size, stat.Modified.ToWholeSeconds(), DiskETag.Of(stat), _ownerId);

    private bool TryLook(SafeFileHandle directory, in PendingFile file, out FileStat stat)
    {
        Span<byte> name = stackalloc byte[LinuxFiles.MaxName + 1];
        int error = LinuxFiles.StatName(directory, DiskTree.Terminate(file.Key.AsSpan(file.NameStart), name), out stat);
        if (error == Errno.None && stat.IsLink)
        {
            // It was a file when the directory was read.
            using SafeFileHandle? located = Locate(file.Key, out stat);
            return located is not null && stat.IsRegular;
        }

        if (Errno.IsDenied(error))
        {
            _leftOut.Add(_disk, LeftOutReason.Permission, file.Key);
            return false;
        }

        return error == Errno.None ? stat.IsRegular : !Errno.IsAbsent(error) ? throw LinuxFiles.Failed("statx", error) : false;
    }

    /// <summary>What may not be looked into lists as if it were not there.</summary>
    private static T? Absent<T>(Func<T?> look)
        where T : class
    {
        try
        {
            return look();
        }
        catch (S3Exception e) when (e.Error == S3Error.AccessDenied)
        {
            return null;
        }
    }

    /// <summary>A file that is on the page once it was looked at.</summary>
    /// <param name="Key">Its path.</param>
    /// <param name="NameStart">Where in it the name begins.</param>
    /// <param name="Entry">Known already of what a link leads to.</param>
    private readonly record struct PendingFile(byte[] Key, int NameStart, DiskEntry? Entry);
}

/// <summary>What all walks share.</summary>
/// <param name="Loader">Where directories' names come from.</param>
/// <param name="SlowLook">How long a look at one file takes where it pays to take several at once.</param>
/// <param name="Clock">To measure it.</param>
internal sealed record WalkSettings(SnapshotLoader Loader, TimeSpan SlowLook, TimeProvider Clock);

/// <summary>How many directories may be entered for one page, so that a page of an empty forest ends too.</summary>
internal sealed class WalkBudget(int directories)
{
    private int _left = directories;

    public bool TrySpend() => _left-- > 0;
}
