using Tarn.Core.KeyValue;

namespace Tarn.Tests.Versioning;

/// <summary>
/// A map whose reads of many keys are no single view, as an engine's may be: a test may change the map between them. It
/// also counts the rows that scans pass over, those among them that were deleted, which an engine may have to step over.
/// </summary>
internal sealed class ObservedStore(IKeyValueStore inner) : IKeyValueStore
{
    private readonly SortedSet<byte[]> _deleted = new(ByteStringComparer.Instance);

    /// <summary>Called before each row is read, or a scan begins at it.</summary>
    public Func<byte[], ValueTask>? BeforeRead { get; set; }

    public bool CountsDeleted { get; init; }

    public long RowsRead { get; private set; }

    /// <summary>The number of calls of the map: round trips, for an engine outside the process.</summary>
    public int Calls { get; private set; }

    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => GetAsync(inner, keys, cancellationToken);

    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken)
    {
        Calls++;
        return GetAsync(inner, key, cancellationToken);
    }

    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
        ScanAsync(inner, from, to, limit, reverse, cancellationToken);

    public async ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken) =>
        new Snapshot(this, await inner.OpenSnapshotAsync(cancellationToken));

    public async ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        bool done = await inner.CommitAsync(batch, cancellationToken);
        foreach (KeyValueChange change in CountsDeleted && done ? batch.Changes : [])
        {
            _ = change.Value is null ? _deleted.Add(change.Key) : _deleted.Remove(change.Key);
        }

        return done;
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private ValueTask ObserveAsync(byte[] key) => BeforeRead is { } observe ? observe(key) : default;

    private async ValueTask<byte[]?[]> GetAsync(IKeyValueReader reader, IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        Calls++;
        byte[]?[] values = new byte[]?[keys.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = await GetAsync(reader, keys[i], cancellationToken);
        }

        return values;
    }

    private async ValueTask<byte[]?> GetAsync(IKeyValueReader reader, byte[] key, CancellationToken cancellationToken)
    {
        await ObserveAsync(key);
        RowsRead++;
        return await reader.GetAsync(key, cancellationToken);
    }

    private async ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        IKeyValueReader reader, byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
    {
        Calls++;
        await ObserveAsync(from);
        IReadOnlyList<KeyValueEntry> found = await reader.ScanAsync(from, to, limit, reverse, cancellationToken);
        byte[] last = found.Count < limit ? to : found[^1].Key;
        RowsRead += found.Count;
        if (CountsDeleted && ByteStringComparer.Instance.Compare(from, last) < 0)
        {
            RowsRead += _deleted.GetViewBetween(from, last).Count;
        }

        return found;
    }

    private sealed class Snapshot(ObservedStore store, IKeyValueSnapshot inner) : IKeyValueSnapshot
    {
        public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) =>
            store.GetAsync(inner, keys, cancellationToken);

        public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) => store.GetAsync(inner, key, cancellationToken);

        public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
            byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
            store.ScanAsync(inner, from, to, limit, reverse, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
