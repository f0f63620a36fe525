namespace Tarn.Core.Cache;

/// <summary>A queue of frames, from which one in the middle can be taken.</summary>
internal sealed class FrameQueue
{
    private CachedFrame? _newest;

    public int Count { get; private set; }

    public CachedFrame? Oldest { get; private set; }

    public void Add(CachedFrame frame)
    {
        (frame.Queue, frame.Older, frame.Newer) = (this, _newest, null);
        if (_newest is null)
        {
            Oldest = frame;
        }
        else
        {
            _newest.Newer = frame;
        }

        _newest = frame;
        Count++;
    }

    public void Remove(CachedFrame frame)
    {
        if (frame.Older is null)
        {
            Oldest = frame.Newer;
        }
        else
        {
            frame.Older.Newer = frame.Newer;
        }

        if (frame.Newer is null)
        {
            _newest = frame.Older;
        }
        else
        {
            frame.Newer.Older = frame.Older;
        }

        (frame.Queue, frame.Older, frame.Newer) = (null, null, null);
        Count--;
    }
}
