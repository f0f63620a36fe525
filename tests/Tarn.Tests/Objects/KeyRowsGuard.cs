using Tarn.Core.KeyValue;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;

namespace Tarn.Tests.Objects;

/// <summary>
/// A map that refuses batches which change rows of keys and do not come from <see cref="KeyTransaction"/>: the type of its batches is private
/// to it. All fixtures of object stores run over it.
/// </summary>
internal sealed class KeyRowsGuard(IKeyValueStore inner) : IKeyValueStore
{
    private readonly Lock _lock = new();

    /// <summary>The tables whose rows belong to a key: its versions, and its uploads in progress.</summary>
    public static IReadOnlyList<byte> Watched { get; } = [Tables.Current, Tables.Marker, Tables.History, Tables.NullVersion, Tables.Upload];

    /// <summary>How many changes of each of those tables came, all of them in batches of <see cref="KeyTransaction"/>.</summary>
    public Dictionary<byte, int> Seen { get; } = [];

    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => inner.GetAsync(keys, cancellationToken);

    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
        inner.ScanAsync(from, to, limit, reverse, cancellationToken);

    public ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken) => inner.OpenSnapshotAsync(cancellationToken);

    public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        foreach (KeyValueChange change in batch.Changes.Where(static change => Watched.Contains(change.Key[0])))
        {
            if (batch.GetType().DeclaringType != typeof(KeyTransaction))
            {
                throw new InvalidOperationException($"A batch that is not of KeyTransaction changes a row of table 0x{change.Key[0]:X2}.");
            }

            lock (_lock)
            {
                Seen[change.Key[0]] = Seen.GetValueOrDefault(change.Key[0]) + 1;
            }
        }

        return inner.CommitAsync(batch, cancellationToken);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
