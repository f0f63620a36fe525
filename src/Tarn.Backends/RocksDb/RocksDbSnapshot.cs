using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb;

/// <summary>The database as it was when the snapshot was created. Until it is disposed, the database stays open and keeps what later writes replace.</summary>
internal sealed class RocksDbSnapshot : IKeyValueSnapshot
{
    private readonly DatabaseHandle _database;
    private readonly ReadOptionsHandle _options = new();
    private readonly RocksDbReads _reads;
    private readonly nint _snapshot;
    private int _disposed;

    public RocksDbSnapshot(DatabaseHandle database, RocksDbReads reads)
    {
        bool held = false;
        database.DangerousAddRef(ref held);
        _database = database;
        _reads = reads;
        _snapshot = RocksDbNative.CreateSnapshot(database);
        RocksDbNative.SetSnapshot(_options, _snapshot);
    }

    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_reads.Get(_options, keys));
    }

    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_reads.Get(_options, key));
    }

    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Snapshots are for reading everything.
        return new(_reads.Scan(_snapshot, from, to, limit, reverse, keepsCache: true));
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _options.Dispose();
            RocksDbNative.ReleaseSnapshot(_database, _snapshot);
            _database.DangerousRelease();
        }

        return default;
    }
}
