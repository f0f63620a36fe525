using Tarn.Core.Telemetry;

namespace Tarn.Core.KeyValue;

/// <summary>A key-value store that adds the time of its calls to that of the request they are for. The caller keeps and disposes of the store itself.</summary>
/// <param name="inner">The store.</param>
public sealed class MeasuredKeyValueStore(IKeyValueStore inner) : IKeyValueStore, IRowRepair
{
    /// <inheritdoc/>
    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) =>
        RequestTimes.IsMeasuring ? MeasuredReads.GetAsync(inner, keys, cancellationToken) : inner.GetAsync(keys, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) =>
        RequestTimes.IsMeasuring ? MeasuredReads.GetAsync(inner, key, cancellationToken) : inner.GetAsync(key, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
        RequestTimes.IsMeasuring
            ? MeasuredReads.ScanAsync(inner, from, to, limit, reverse, cancellationToken)
            : inner.ScanAsync(from, to, limit, reverse, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken)
    {
        IKeyValueSnapshot snapshot = await inner.OpenSnapshotAsync(cancellationToken);
        return RequestTimes.IsMeasuring ? new Snapshot(snapshot) : snapshot;
    }

    /// <inheritdoc/>
    public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken) =>
        RequestTimes.IsMeasuring ? MeasureAsync(batch, cancellationToken) : inner.CommitAsync(batch, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<byte[]?> RepairAsync(byte[] key, Func<byte[]?, bool> isRight, CancellationToken cancellationToken) =>
        inner is IRowRepair repair ? repair.RepairAsync(key, isRight, cancellationToken) : new((byte[]?)null);

    /// <inheritdoc/>
    public ValueTask<bool> VerifyOthersAsync(byte[] key, Func<byte[]?, bool> isRight, CancellationToken cancellationToken) =>
        inner is IRowRepair repair ? repair.VerifyOthersAsync(key, isRight, cancellationToken) : new(false);

    /// <summary>Does nothing: the store belongs to the caller.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<bool> MeasureAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        using StageTimer timer = RequestTimes.Measure(RequestStage.Metadata, "metadata commit");
        return await inner.CommitAsync(batch, cancellationToken);
    }

    private sealed class Snapshot(IKeyValueSnapshot inner) : IKeyValueSnapshot
    {
        public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => MeasuredReads.GetAsync(inner, keys, cancellationToken);

        public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) => MeasuredReads.GetAsync(inner, key, cancellationToken);

        public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
            MeasuredReads.ScanAsync(inner, from, to, limit, reverse, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

/// <summary>Reads that are measured.</summary>
internal static class MeasuredReads
{
    public static async ValueTask<byte[]?[]> GetAsync(IKeyValueReader inner, IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        using StageTimer timer = RequestTimes.Measure(RequestStage.Metadata, "metadata get");
        return await inner.GetAsync(keys, cancellationToken);
    }

    public static async ValueTask<byte[]?> GetAsync(IKeyValueReader inner, byte[] key, CancellationToken cancellationToken)
    {
        using StageTimer timer = RequestTimes.Measure(RequestStage.Metadata, "metadata get");
        return await inner.GetAsync(key, cancellationToken);
    }

    public static async ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        IKeyValueReader inner, byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
    {
        using StageTimer timer = RequestTimes.Measure(RequestStage.Metadata, "metadata scan");
        return await inner.ScanAsync(from, to, limit, reverse, cancellationToken);
    }
}
