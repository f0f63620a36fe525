using Tarn.Core.Files;

namespace Tarn.Core.Disks.Listing;

/// <summary>
/// Caches the sorted names of large directories, so that the next page of a listing does not read them again. An entry is valid as long as the
/// directory's times are unchanged. Bounded in bytes; the least recently used entry is evicted first.
/// </summary>
/// <param name="capacity">Bytes.</param>
internal sealed class SnapshotCache(long capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FileIdentity, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _recent = [];
    private long _held;

    /// <summary>Bytes held.</summary>
    public long Held
    {
        get
        {
            lock (_gate)
            {
                return _held;
            }
        }
    }

    /// <summary>The cached names of a directory, if it has not changed since; they may not cover the caller's position.</summary>
    public DirectorySnapshot? Find(in FileStat directory)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(directory.Identity, out LinkedListNode<Entry>? node))
            {
                return null;
            }

            if (node.Value.Modified != directory.Modified || node.Value.Changed != directory.Changed)
            {
                Remove(node);
                return null;
            }

            _recent.Remove(node);
            _recent.AddFirst(node);
            return node.Value.Snapshot;
        }
    }

    public void Put(in FileStat directory, DirectorySnapshot snapshot)
    {
        if (snapshot.Footprint > capacity)
        {
            return;
        }

        lock (_gate)
        {
            if (_entries.TryGetValue(directory.Identity, out LinkedListNode<Entry>? old))
            {
                Remove(old);
            }

            var node = new LinkedListNode<Entry>(new Entry(directory.Identity, directory.Modified, directory.Changed, snapshot));
            _entries[directory.Identity] = node;
            _recent.AddFirst(node);
            _held += snapshot.Footprint;
            while (_held > capacity)
            {
                Remove(_recent.Last!);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _recent.Remove(node);
        _entries.Remove(node.Value.Identity);
        _held -= node.Value.Snapshot.Footprint;
    }

    private sealed record Entry(FileIdentity Identity, FileTime Modified, FileTime Changed, DirectorySnapshot Snapshot);
}
