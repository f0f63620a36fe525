using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb;

/// <summary>A database that no process writes to, opened only to read: for an offline check of a data directory, or of a copy of one. Nothing is changed.</summary>
public sealed class RocksDbReader : IKeyValueReader, IVerifiableStore, IAsyncDisposable
{
    private readonly DatabaseHandle _database;
    private readonly ReadOptionsHandle _options = new();
    private readonly RocksDbReads _reads;
    private readonly string _directory;

    private RocksDbReader(DatabaseHandle database, string directory, RocksDbOptions options)
    {
        _database = database;
        _directory = directory;
        _reads = new RocksDbReads(database, options.Damaged);
        LastChange = RocksDbNative.LastChange(database);
    }

    /// <summary>The number of the last change that it has.</summary>
    public ulong LastChange { get; }

    /// <summary>Opens the database in <paramref name="directory"/>. It is not locked: the caller sees to it that nobody writes to it.</summary>
    /// <exception cref="StoreDamagedException">There is none, or its files are damaged or missing, and opening it would lose acknowledged writes.</exception>
    /// <exception cref="IOException">It cannot be opened for the reason in the message.</exception>
    public static RocksDbReader Open(string directory, RocksDbOptions options)
    {
        string path = Path.GetFullPath(directory);
        return Directory.Exists(path)
            ? new RocksDbReader(RocksDbOpener.OpenToRead(path, options), path, options)
            : throw new StoreDamagedException($"there is no metadata store in {path}.");
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_reads.Get(_options, keys));
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_reads.Get(_options, key));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_reads.Scan(snapshot: 0, from, to, limit, reverse, keepsCache: true));
    }

    /// <inheritdoc/>
    public async ValueTask<StoreVerification> VerifyAsync(
        Func<VerificationProgress, CancellationToken, ValueTask>? progress, CancellationToken cancellationToken) =>
        await Task.Run(() => new RocksDbVerifier(_database, _reads, _directory, isWritten: false).RunAsync(progress, cancellationToken).AsTask(), cancellationToken);

    /// <summary>Verifies the files as <see cref="IVerifiableStore"/> does, but not the tables that are named.</summary>
    /// <param name="without">The names of tables that are known to be intact.</param>
    /// <param name="cancellationToken">Ends the verification.</param>
    /// <exception cref="IOException">A file cannot be read for another reason than damage.</exception>
    public async ValueTask<StoreVerification> VerifyAsync(IReadOnlySet<string> without, CancellationToken cancellationToken) => await Task.Run(
        () => new RocksDbVerifier(_database, _reads, _directory, isWritten: false) { Without = without }.RunAsync(null, cancellationToken).AsTask(), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        _options.Dispose();
        return default;
    }
}
