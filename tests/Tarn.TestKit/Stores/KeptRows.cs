using Tarn.Core.KeyValue;

namespace Tarn.TestKit.Stores;

/// <summary>Rows that outlive whoever disposes of the store.</summary>
/// <param name="inner">The store.</param>
public sealed class KeptRows(IKeyValueStore inner) : IKeyValueStore
{
    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => inner.GetAsync(keys, cancellationToken);

    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
        inner.ScanAsync(from, to, limit, reverse, cancellationToken);

    public ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken) => inner.OpenSnapshotAsync(cancellationToken);

    public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken) => inner.CommitAsync(batch, cancellationToken);

    public ValueTask DisposeAsync() => default;
}
