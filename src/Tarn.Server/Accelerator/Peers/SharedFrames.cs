using Tarn.Core.Blobs;
using Tarn.Core.Cache;

namespace Tarn.Server.Accelerator.Peers;

/// <summary>
/// Which frames of a plan come, or came, from other accelerators; a part of a frame counts as the frame. Most come from the upstream: nothing is made for those.
/// </summary>
internal sealed class SharedFrames
{
    private readonly Lock _gate = new();
    private HashSet<(BlobId Blob, long Cell)>? _cells;

    public void Add(FrameKey key)
    {
        lock (_gate)
        {
            (_cells ??= []).Add(CellOf(key));
        }
    }

    public void Remove(FrameKey key)
    {
        lock (_gate)
        {
            _cells?.Remove(CellOf(key));
        }
    }

    public bool Contains(FrameKey key)
    {
        lock (_gate)
        {
            return _cells?.Contains(CellOf(key)) == true;
        }
    }

    private static (BlobId Blob, long Cell) CellOf(FrameKey key) => (key.Blob, key.Start / FrameKey.MaxLength);
}
