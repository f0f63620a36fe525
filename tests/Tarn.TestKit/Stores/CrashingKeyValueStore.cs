using Tarn.Core.KeyValue;

namespace Tarn.TestKit.Stores;

/// <summary>
/// A map whose process dies around the nth commit. Open the store underneath again to see what survived; disposing this
/// decorator leaves it open.
/// </summary>
public sealed class CrashingKeyValueStore(IKeyValueStore inner, CrashPoint crash) : IKeyValueStore
{
    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) =>
        inner.GetAsync(keys, cancellationToken);

    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) =>
        inner.GetAsync(key, cancellationToken);

    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
        inner.ScanAsync(from, to, limit, reverse, cancellationToken);

    public ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken) => inner.OpenSnapshotAsync(cancellationToken);

    public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken) =>
        crash.RunAsync("commit", () => inner.CommitAsync(batch, cancellationToken));

    public ValueTask DisposeAsync() => default;
}
