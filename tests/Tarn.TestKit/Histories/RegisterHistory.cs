using System.Collections.Concurrent;

namespace Tarn.TestKit.Histories;

/// <summary>Collects operations of several keys by several clients, with one clock that only orders them.</summary>
public sealed class RegisterHistory
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<RegisterOperation>> _keys = new();
    private long _position;

    /// <summary>The operations of each key.</summary>
    public IEnumerable<(string Key, RegisterOperation[] Operations)> Keys => _keys.Select(static key => (key.Key, key.Value.ToArray()));

    /// <summary>The next position: of a beginning before the request is sent, of an end once the whole answer is there.</summary>
    public long Next() => Interlocked.Increment(ref _position);

    /// <summary>Adds an operation that has ended, or whose client has given up.</summary>
    public void Add(string key, RegisterOperation operation) => _keys.GetOrAdd(key, static _ => new ConcurrentQueue<RegisterOperation>()).Enqueue(operation);
}
