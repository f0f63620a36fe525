using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb;

/// <summary>
/// The embedded map: a RocksDB database in a directory of its own. Reads run on the caller's thread, since they take
/// microseconds; commits are gathered by <see cref="RocksDbCommitter"/>.
/// </summary>
public sealed class RocksDbKeyValueStore : IKeyValueStore
{
    private readonly DatabaseHandle _database;
    private readonly ReadOptionsHandle _readOptions = new();
    private readonly RocksDbCommitter _committer;
    private int _disposed;

    private RocksDbKeyValueStore(DatabaseHandle database, string directory, RocksDbOptions options)
    {
        _database = database;
        _committer = new RocksDbCommitter(database, Read, options.SyncWrites, directory, options.ReserveBytes);
    }

    /// <summary>Opens the database in <paramref name="directory"/>, and makes it if there is none.</summary>
    /// <exception cref="StoreLockedException">It is open already, here or in another process.</exception>
    /// <exception cref="IOException">It cannot be opened; the message says why.</exception>
    public static RocksDbKeyValueStore Open(string directory, RocksDbOptions options)
    {
        string path = Path.GetFullPath(directory);
        return new(RocksDbOpener.Open(path, options), path, options);
    }

    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[]?[] values = new byte[]?[keys.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Read(keys[i]);
        }

        return new(values);
    }

    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Read(key));
    }

    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (limit == 0 || ByteStringComparer.Instance.Compare(from, to) >= 0)
        {
            return new([]);
        }

        // The iterator must be gone before the database closes.
        bool held = false;
        try
        {
            _database.DangerousAddRef(ref held);
            return new(Scan(from, to, limit, reverse));
        }
        finally
        {
            if (held)
            {
                _database.DangerousRelease();
            }
        }
    }

    public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_committer.SubmitAsync(batch));
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await Task.Run(Close);
        }
    }

    private void Close()
    {
        _committer.Dispose();

        // RocksDB may not be asked to write once a write has failed: builds with assertions, as Debian's, then abort.
        if (!_committer.HasFailed)
        {
            Flush();
        }

        _database.Dispose();
        _readOptions.Dispose();
    }

    // What the log holds is durable already. Flushed, the next start has nothing to replay; a flush that fails costs
    // that start some time and nothing else.
    private void Flush()
    {
        nint options = RocksDbNative.CreateFlushOptions();
        RocksDbNative.Flush(_database, options, out nint error);
        RocksDbNative.DestroyFlushOptions(options);
        if (error != 0)
        {
            RocksDbNative.Free(error);
        }
    }

    private unsafe byte[]? Read(byte[] key)
    {
        nint slice;
        fixed (byte* bytes = key)
        {
            slice = RocksDbNative.GetPinned(_database, _readOptions, bytes, (nuint)key.Length, out nint error);
            RocksDbError.ThrowIfSet(error);
        }

        if (slice == 0)
        {
            return null;
        }

        try
        {
            byte* value = RocksDbNative.PinnedValue(slice, out nuint length);
            return new ReadOnlySpan<byte>(value, checked((int)length)).ToArray();
        }
        finally
        {
            RocksDbNative.DestroyPinned(slice);
        }
    }

    private unsafe List<KeyValueEntry> Scan(byte[] from, byte[] to, int limit, bool reverse)
    {
        List<KeyValueEntry> found = new(Math.Min(limit, 1024));
        using ReadOptionsHandle options = new();
        fixed (byte* lower = from)
        fixed (byte* upper = to)
        {
            // The options keep pointers to the bounds, which stay pinned while the iterator lives.
            RocksDbNative.SetLowerBound(options, lower, (nuint)from.Length);
            RocksDbNative.SetUpperBound(options, upper, (nuint)to.Length);
            nint iterator = RocksDbNative.CreateIterator(_database, options);
            try
            {
                Collect(iterator, limit, reverse, found);
            }
            finally
            {
                RocksDbNative.DestroyIterator(iterator);
            }
        }

        return found;
    }

    private static unsafe void Collect(nint iterator, int limit, bool reverse, List<KeyValueEntry> found)
    {
        if (reverse)
        {
            RocksDbNative.SeekToLast(iterator);
        }
        else
        {
            RocksDbNative.SeekToFirst(iterator);
        }

        while (RocksDbNative.IsValid(iterator) != 0)
        {
            byte* key = RocksDbNative.Key(iterator, out nuint keyLength);
            byte* value = RocksDbNative.Value(iterator, out nuint valueLength);
            found.Add(new KeyValueEntry(
                new ReadOnlySpan<byte>(key, checked((int)keyLength)).ToArray(),
                new ReadOnlySpan<byte>(value, checked((int)valueLength)).ToArray()));
            if (found.Count == limit)
            {
                return;
            }

            if (reverse)
            {
                RocksDbNative.Previous(iterator);
            }
            else
            {
                RocksDbNative.Next(iterator);
            }
        }

        RocksDbNative.GetError(iterator, out nint error);
        RocksDbError.ThrowIfSet(error);
    }
}
