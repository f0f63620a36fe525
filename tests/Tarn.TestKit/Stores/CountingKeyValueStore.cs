using Tarn.Core.KeyValue;

namespace Tarn.TestKit.Stores;

/// <summary>A map that counts attempted commits.</summary>
public sealed class CountingKeyValueStore(IKeyValueStore inner) : IKeyValueStore
{
    private int _commits;

    /// <summary>How many commits were attempted, whether or not they applied.</summary>
    public int Commits => Volatile.Read(ref _commits);

    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => inner.GetAsync(keys, cancellationToken);

    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
        inner.ScanAsync(from, to, limit, reverse, cancellationToken);

    public ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken) => inner.OpenSnapshotAsync(cancellationToken);

    public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _commits);
        return inner.CommitAsync(batch, cancellationToken);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
