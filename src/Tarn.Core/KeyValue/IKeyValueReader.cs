namespace Tarn.Core.KeyValue;

/// <summary>What reads of the map can ask, of its present state or of a view of it. Keys are ordered as unsigned bytes.</summary>
public interface IKeyValueReader
{
    /// <summary>Reads many keys in one round trip. The answer has the order of <paramref name="keys"/>; a missing key is null.</summary>
    ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken);

    /// <summary>Reads one key; null when it is absent.</summary>
    ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken);

    /// <summary>
    /// Reads at most <paramref name="limit"/> entries of the half-open range [<paramref name="from"/>, <paramref name="to"/>)
    /// in ascending key order, or, when <paramref name="reverse"/>, in descending order starting below <paramref name="to"/>.
    /// The entries of one call are one consistent view; two calls are so only on one <see cref="IKeyValueSnapshot"/>.
    /// </summary>
    ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken);
}

/// <summary>
/// The map as it was at one instant, for reads of several places that must agree. It holds resources of the engine: open one
/// for a request, not for longer, and dispose it before the store.
/// </summary>
public interface IKeyValueSnapshot : IKeyValueReader, IAsyncDisposable;

/// <summary>One key and its value, as a scan returns them.</summary>
public readonly record struct KeyValueEntry(byte[] Key, byte[] Value);
