namespace Tarn.Core.Cache;

/// <summary>The fingerprints of frames that were evicted lately; the oldest are forgotten.</summary>
internal sealed class GhostKeys
{
    private readonly Dictionary<ulong, long> _numbers = [];
    private readonly Queue<(ulong Key, long Number)> _order = new();
    private long _next;

    public int Count => _numbers.Count;

    /// <summary>Notes a frame, and forgets the oldest beyond a number of frames.</summary>
    public void Add(ulong key, int limit)
    {
        _numbers[key] = ++_next;
        _order.Enqueue((key, _next));
        while (_order.Count > limit)
        {
            (ulong oldest, long number) = _order.Dequeue();
            if (_numbers.TryGetValue(oldest, out long noted) && noted == number)
            {
                _numbers.Remove(oldest);
            }
        }
    }

    /// <summary>Whether a frame is noted; it is not any more.</summary>
    public bool Remove(ulong key) => _numbers.Remove(key);
}
