using Tarn.Backends.RocksDb.Interop;
using Tarn.Backends.RocksDb.Recovery;
using Tarn.Core.Blobs;
using Tarn.Core.Files;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb;

/// <summary>
/// The embedded key-value store: a RocksDB database in a directory of its own. Reads run on the caller's thread, since they take
/// microseconds; <see cref="RocksDbCommitter"/> groups commits.
/// </summary>
public sealed class RocksDbKeyValueStore : IKeyValueStore, ICheckpointable, IVerifiableStore, IReservingStore, IFlushableStore
{
    private readonly DatabaseHandle _database;
    private readonly ReadOptionsHandle _readOptions = new();
    private readonly RocksDbReads _reads;
    private readonly RocksDbReserve _reserve;
    private readonly RocksDbCommitter _committer;
    private readonly SyncedLog _position;
    private readonly string _directory;
    private readonly RocksDbOptions _options;
    private int _disposed;
    private ulong _backgroundErrors;

    private RocksDbKeyValueStore(DatabaseHandle database, RocksDbReserve reserve, string directory, RocksDbOptions options)
    {
        _database = database;
        _directory = directory;
        _options = options;
        _reserve = reserve;
        _position = SyncedLog.Begin(database, directory, options);
        _reads = new RocksDbReads(database, options.Damaged);
        _committer = new RocksDbCommitter(database, Read, options, reserve) { Synced = _position.Advance, Failed = options.Failed };
    }

    /// <summary>Opens the database in <paramref name="directory"/>, and creates it if there is none.</summary>
    /// <exception cref="StoreLockedException">It is already open, in this or another process.</exception>
    /// <exception cref="StoreDamagedException">Its files are damaged or missing, and opening it would lose acknowledged writes. Nothing was changed.</exception>
    /// <exception cref="IOException">It cannot be opened for the reason in the message.</exception>
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

    /// <summary>Whether <paramref name="directory"/> contains a database or the remains of one.</summary>
    public static bool Exists(string directory) =>
        Directory.Exists(directory) && (RocksDbFiles.HasDatabase(directory) || RocksDbFiles.FindRemnant(directory) is not null);

    /// <summary>Whether half of the reserve is preallocated in files, which others cannot use; otherwise the reserve is only a limit on free space.</summary>
    public bool ReserveIsSetAside => _reserve.IsSetAside;

    /// <summary>Bytes of the reserve that are preallocated now.</summary>
    public long ReserveHeldBytes => _reserve.HeldBytes;

    /// <inheritdoc/>
    public bool HasRoom(long bytes) => _reserve.Allows(bytes);

    /// <summary>Preallocates again what removals used of the reserve, if there is room; to be called periodically.</summary>
    /// <exception cref="IOException">The device fails.</exception>
    public void RefillReserve() => _reserve.Refill();

    /// <summary>
    /// Checks for a failure in the background, such as of a flush, after which writes are refused, and reports it to
    /// <see cref="RocksDbOptions.Failed"/> before a write fails. To be called periodically, by one caller at a time.
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
            // The committer has reported it, or there is no room, from which RocksDB recovers by itself.
        }
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_reads.Get(_readOptions, keys));
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Read(key));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_reads.Scan(snapshot: 0, from, to, limit, reverse));
    }

    /// <inheritdoc/>
    public ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(new RocksDbSnapshot(_database, _reads));
    }

    /// <inheritdoc/>
    public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_committer.SubmitAsync(batch));
    }

    /// <inheritdoc/>
    public async ValueTask<ulong> CheckpointAsync(string directory, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _committer.ThrowIfFailed();
        if (!_reserve.Allows(_options.WriteBufferBytes * _options.WriteBuffers))
        {
            throw new StorageFullException("The disk that holds the metadata is nearly full, so no checkpoint of it can be taken.");
        }

        string path = Path.GetFullPath(directory);
        return await Task.Run(() => RocksDbCheckpoint.Create(_database, path, _options), CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask<StoreVerification> VerifyAsync(
        Func<VerificationProgress, CancellationToken, ValueTask>? progress, CancellationToken cancellationToken) =>
        await Task.Run(() => new RocksDbVerifier(_database, _reads, _directory, isWritten: true).RunAsync(progress, cancellationToken).AsTask(), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask FlushAsync()
    {
        _committer.ThrowIfFailed();
        if (!_options.SyncWrites)
        {
            await Task.Run(Flush);
        }
    }

    /// <summary>Commits what waits, flushes and closes the database.</summary>
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

        // RocksDB must not be called to write once a write has failed: builds with assertions then abort.
        if (!_committer.HasFailed)
        {
            Flush();
        }

        _database.Dispose();
        _position.Dispose();
        _readOptions.Dispose();
    }

    // The log's contents are already durable. After a flush the next start has nothing to replay; a failed flush costs
    // only time at that start.
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

    private byte[]? Read(byte[] key) => _reads.Get(_readOptions, key);
}
