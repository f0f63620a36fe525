namespace Tarn.Core.KeyValue;

/// <summary>Reads of the map, of its present state or of a snapshot. Keys are ordered as unsigned bytes.</summary>
public interface IKeyValueReader
{
    /// <summary>Reads many keys in one round trip. The values are in the order of <paramref name="keys"/>; a missing key's is null.</summary>
    ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken);

    /// <summary>Reads one key; null when it is absent.</summary>
    ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken);

    /// <summary>
    /// Reads at most <paramref name="limit"/> entries of the half-open range [<paramref name="from"/>, <paramref name="to"/>)
    /// in ascending key order, or, when <paramref name="reverse"/>, in descending order starting below <paramref name="to"/>.
    /// The entries of one call are consistent with each other; those of two calls only on one <see cref="IKeyValueSnapshot"/>.
    /// </summary>
    ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken);
}

/// <summary>
/// The map as it was at one instant, for several reads that must be consistent. It holds resources of the engine: keep it no longer than
/// a request, and dispose it before the store.
/// </summary>
public interface IKeyValueSnapshot : IKeyValueReader, IAsyncDisposable;

/// <summary>One key and its value, as a scan returns them.</summary>
public readonly record struct KeyValueEntry(byte[] Key, byte[] Value);
