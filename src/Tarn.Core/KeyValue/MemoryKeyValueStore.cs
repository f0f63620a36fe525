namespace Tarn.Core.KeyValue;

/// <summary>
/// The map in memory, gone with the process: for tests, and the plain statement of what every other engine must do.
/// </summary>
public sealed class MemoryKeyValueStore : IKeyValueStore
{
    private readonly Lock _lock = new();
    private readonly SortedSet<KeyValueEntry> _entries = new(KeyOrder.Instance);
    private bool _disposed;

    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[]?[] values = new byte[]?[keys.Count];
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = Find(keys[i]);
            }
        }

        return new(values);
    }

    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new(Find(key));
        }
    }

    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        List<KeyValueEntry> found = [];
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (limit == 0 || ByteStringComparer.Instance.Compare(from, to) >= 0)
            {
                return new(found);
            }

            SortedSet<KeyValueEntry> range = _entries.GetViewBetween(new(from, []), new(to, []));
            foreach (KeyValueEntry entry in reverse ? range.Reverse() : range)
            {
                // The view includes its upper end, the scan does not.
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
        }

        return new(found);
    }

    public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (KeyValueCheck check in batch.Checks)
            {
                if (!ByteStringComparer.Instance.Equals(Find(check.Key), check.Expected))
                {
                    return new(false);
                }
            }

            foreach (KeyValueChange change in batch.Changes)
            {
                KeyValueEntry entry = new(change.Key, change.Value ?? []);
                _entries.Remove(entry);
                if (change.Value is not null)
                {
                    _entries.Add(entry);
                }
            }
        }

        return new(true);
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        return default;
    }

    private byte[]? Find(byte[] key) => _entries.TryGetValue(new(key, []), out KeyValueEntry entry) ? entry.Value : null;

    private sealed class KeyOrder : IComparer<KeyValueEntry>
    {
        public static readonly KeyOrder Instance = new();

        public int Compare(KeyValueEntry x, KeyValueEntry y) => x.Key.AsSpan().SequenceCompareTo(y.Key);
    }
}
