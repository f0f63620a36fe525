namespace Tarn.Core.Cache;

/// <summary>Which frames were told of as damaged, so that each is told of once: the last 1,024.</summary>
internal sealed class DamagedFrames
{
    private const int Limit = 1024;

    private readonly Lock _gate = new();
    private readonly HashSet<FrameKey> _known = [];
    private readonly Queue<FrameKey> _order = new();

    // So that fetches, of which next to none are damaged, need no lock.
    private volatile bool _hasAny;

    /// <summary>Notes a frame; false when it is noted already.</summary>
    public bool Add(FrameKey key)
    {
        lock (_gate)
        {
            if (!_known.Add(key))
            {
                return false;
            }

            _hasAny = true;
            _order.Enqueue(key);
            if (_order.Count > Limit)
            {
                _known.Remove(_order.Dequeue());
            }

            return true;
        }
    }

    /// <summary>Forgets a frame, which came right.</summary>
    public void Remove(FrameKey key)
    {
        if (_hasAny)
        {
            lock (_gate)
            {
                _known.Remove(key);
            }
        }
    }
}
