using System.Collections.Concurrent;

namespace Tarn.Core.KeyValue;

/// <summary>
/// Rows that are read on every request, because another node may have changed them, but decoded only when their bytes are new. Thread-safe.
/// </summary>
/// <param name="key">The key of a row.</param>
/// <param name="decode">Decodes the bytes of a row to an immutable value.</param>
/// <param name="max">The maximum number of values that are kept; all are dropped when it is reached.</param>
internal sealed class DecodedRows<TId, TValue>(IKeyValueStore store, Func<TId, byte[]> key, Func<TId, byte[], TValue> decode, int max = 10_000)
    where TId : notnull
    where TValue : class
{
    private readonly ConcurrentDictionary<TId, Decoded> _decoded = new();

    /// <summary>Reads a row; null when there is none. While its bytes are unchanged, the value is the same instance.</summary>
    public async ValueTask<TValue?> FindAsync(TId id, CancellationToken cancellationToken)
    {
        byte[]? bytes = await store.GetAsync(key(id), cancellationToken);
        if (bytes is null)
        {
            _decoded.TryRemove(id, out _);
            return null;
        }

        if (_decoded.TryGetValue(id, out Decoded? known) && known.Bytes.AsSpan().SequenceEqual(bytes))
        {
            return known.Value;
        }

        if (_decoded.Count >= max)
        {
            _decoded.Clear();
        }

        var decoded = new Decoded(bytes, decode(id, bytes));
        _decoded[id] = decoded;
        return decoded.Value;
    }

    /// <summary>Drops the value of a row that was deleted.</summary>
    public void Forget(TId id) => _decoded.TryRemove(id, out _);

    private sealed record Decoded(byte[] Bytes, TValue Value);
}
