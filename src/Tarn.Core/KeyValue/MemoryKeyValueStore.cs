namespace Tarn.Core.KeyValue;

/// <summary>
/// Keeps the map in memory, for tests, and as a plain reference of what every other engine must do.
/// </summary>
public sealed class MemoryKeyValueStore : IKeyValueStore
{
    private readonly Lock _lock = new();
    private SortedSet<KeyValueEntry> _entries = new(KeyOrder.Instance);
    private bool _shared;
    private bool _disposed;

    /// <inheritdoc/>
    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[]?[] values = new byte[]?[keys.Count];
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = Find(_entries, keys[i]);
            }
        }

        return new(values);
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new(Find(_entries, key));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new(Scan(_entries, from, to, limit, reverse));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _shared = true;
            return new(new Snapshot(_entries));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (KeyValueCheck check in batch.Checks)
            {
                if (!ByteStringComparer.Instance.Equals(Find(_entries, check.Key), check.Expected))
                {
                    return new(false);
                }
            }

            if (_shared && batch.HasChanges)
            {
                // Snapshots keep the set they were given.
                _entries = new SortedSet<KeyValueEntry>(_entries, KeyOrder.Instance);
                _shared = false;
            }

            foreach (KeyValueChange change in batch.Changes)
            {
                Set(change.Key, change.Value);
            }

            foreach (KeyValueAddition addition in batch.Additions)
            {
                byte[]? value = Find(_entries, addition.Key);
                if (!KeyValueCounter.Is(value))
                {
                    value = null;
                    Set(KeyValueCounter.WholeRow, null);
                }

                Set(addition.Key, KeyValueCounter.Add(value, addition.Deltas));
            }
        }

        return new(true);
    }

    private void Set(byte[] key, byte[]? value)
    {
        KeyValueEntry entry = new(key, value ?? []);
        _entries.Remove(entry);
        if (value is not null)
        {
            _entries.Add(entry);
        }
    }

    /// <summary>Does nothing: there is nothing to release.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        return default;
    }

    private static byte[]? Find(SortedSet<KeyValueEntry> entries, byte[] key) =>
        entries.TryGetValue(new(key, []), out KeyValueEntry entry) ? entry.Value : null;

    private static List<KeyValueEntry> Scan(SortedSet<KeyValueEntry> entries, byte[] from, byte[] to, int limit, bool reverse)
    {
        List<KeyValueEntry> found = [];
        if (limit == 0 || ByteStringComparer.Instance.Compare(from, to) >= 0)
        {
            return found;
        }

        SortedSet<KeyValueEntry> range = entries.GetViewBetween(new(from, []), new(to, []));
        foreach (KeyValueEntry entry in reverse ? range.Reverse() : range)
        {
            // The view includes its upper bound, the scan does not.
            if (entry.Key.AsSpan().SequenceEqual(to))
            {
                continue;
            }

            found.Add(entry);
            if (found.Count == limit)
            {
                break;
            }
        }

        return found;
    }

    private sealed class Snapshot(SortedSet<KeyValueEntry> entries) : IKeyValueSnapshot
    {
        public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(keys.Select(key => Find(entries, key)).ToArray());
        }

        public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(Find(entries, key));
        }

        public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
            byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ArgumentOutOfRangeException.ThrowIfNegative(limit);
            return new(Scan(entries, from, to, limit, reverse));
        }

        public ValueTask DisposeAsync() => default;
    }

    private sealed class KeyOrder : IComparer<KeyValueEntry>
    {
        public static readonly KeyOrder Instance = new();

        public int Compare(KeyValueEntry x, KeyValueEntry y) => x.Key.AsSpan().SequenceCompareTo(y.Key);
    }
}
