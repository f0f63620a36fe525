using Tarn.Backends.RocksDb.Interop;
using Tarn.Backends.RocksDb.Recovery;
using Tarn.Core.Files;
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
    private readonly RocksDbReserve _reserve;
    private readonly RocksDbCommitter _committer;
    private readonly SyncedLog _position;
    private int _disposed;
    private ulong _backgroundErrors;

    private RocksDbKeyValueStore(DatabaseHandle database, RocksDbReserve reserve, string directory, RocksDbOptions options)
    {
        _database = database;
        _reserve = reserve;
        _position = SyncedLog.Begin(database, directory, options);
        _committer = new RocksDbCommitter(database, Read, options.SyncWrites, reserve) { Synced = _position.Advance, Failed = options.Failed };
    }

    /// <summary>Opens the database in <paramref name="directory"/>, and makes it if there is none.</summary>
    /// <exception cref="StoreLockedException">It is open already, here or in another process.</exception>
    /// <exception cref="StoreDamagedException">Its files are damaged or missing, and opening it would lose something. Nothing was changed.</exception>
    /// <exception cref="IOException">It cannot be opened; the message says why.</exception>
    public static RocksDbKeyValueStore Open(string directory, RocksDbOptions options)
    {
        string path = Path.GetFullPath(directory);
        DurableDirectory.Create(path);
        RocksDbReserve reserve = new(path, options.ReserveBytes);
        DatabaseHandle? database = RocksDbOpener.Open(path, options);
        try
        {
            RocksDbKeyValueStore store = new(database, reserve, path, options);
            database = null;
            store.RefillReserve();
            return store;
        }
        finally
        {
            database?.Dispose();
        }
    }

    /// <summary>Whether there is a database in <paramref name="directory"/>, or what is left of one.</summary>
    public static bool Exists(string directory) =>
        Directory.Exists(directory) && (RocksDbFiles.HasDatabase(directory) || RocksDbFiles.FindRemnant(directory) is not null);

    /// <summary>Whether half of the reserve is set aside in files, which others cannot take; else all of it is counted.</summary>
    public bool ReserveIsSetAside => _reserve.IsSetAside;

    /// <summary>Bytes of the reserve that are set aside now.</summary>
    public long ReserveHeldBytes => _reserve.HeldBytes;

    /// <summary>Sets aside again what removals used of the reserve, if there is room; to be called now and then.</summary>
    /// <exception cref="IOException">The device fails.</exception>
    public void RefillReserve() => _reserve.Refill();

    /// <summary>
    /// Looks whether something failed in the background, as a flush, after which no write is taken: <see cref="RocksDbOptions.Failed"/> is told
    /// then, without a write that has to fail first. To be called now and then, by one caller at a time.
    /// </summary>
    public async Task CheckBackgroundAsync()
    {
        if (RocksDbNative.GetNumber(_database, "rocksdb.background-errors", out ulong errors) != 0 || errors == _backgroundErrors)
        {
            return;
        }

        _backgroundErrors = errors;
        try
        {
            await _committer.ProbeAsync();
        }
        catch (IOException)
        {
            // The committer has told of it; or there is no room, which RocksDB gets over by itself.
        }
    }

    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(RocksDbReads.Get(_database, _readOptions, keys));
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
        return new(RocksDbReads.Scan(_database, snapshot: 0, from, to, limit, reverse));
    }

    public ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(new RocksDbSnapshot(_database));
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

        // RocksDB may not be asked to write once a write has failed: builds with assertions then abort.
        if (!_committer.HasFailed)
        {
            Flush();
        }

        _database.Dispose();
        _position.Dispose();
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

    private byte[]? Read(byte[] key) => RocksDbReads.Get(_database, _readOptions, key);
}
