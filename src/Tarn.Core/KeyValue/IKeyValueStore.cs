namespace Tarn.Core.KeyValue;

/// <summary>
/// Seam 1: an ordered, transactional map of bytes. All of Tarn's metadata lives behind it; it knows nothing of S3.
/// Keys are ordered as unsigned bytes. Arrays handed in or out are never modified afterwards by either side.
/// </summary>
public interface IKeyValueStore : IAsyncDisposable
{
    /// <summary>Reads many keys in one round trip. The answer has the order of <paramref name="keys"/>; a missing key is null.</summary>
    ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken);

    /// <summary>Reads one key; null when it is absent.</summary>
    ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken);

    /// <summary>
    /// Reads at most <paramref name="limit"/> entries of the half-open range [<paramref name="from"/>, <paramref name="to"/>)
    /// in ascending key order, or, when <paramref name="reverse"/>, in descending order starting below <paramref name="to"/>.
    /// The entries of one call are one consistent view; two calls are not.
    /// </summary>
    ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken);

    /// <summary>
    /// Applies the batch atomically and durably if every check of it holds, and returns true; otherwise applies nothing
    /// and returns false: the caller reads again and decides again. Once submitted, a commit is not cancelled half way:
    /// <paramref name="cancellationToken"/> only prevents one that was not submitted yet.
    /// </summary>
    ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken);
}

/// <summary>One key and its value, as a scan returns them.</summary>
public readonly record struct KeyValueEntry(byte[] Key, byte[] Value);
