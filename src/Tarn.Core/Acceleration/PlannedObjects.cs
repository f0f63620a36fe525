using System.Collections.Concurrent;
using Tarn.Core.Blobs;
using Tarn.Core.Objects;

namespace Tarn.Core.Acceleration;

/// <summary>
/// Which objects were planned lately, by their blobs: damage that is found when blocks are read is reported of the object for which they are read. In two generations, each bounded.
/// </summary>
internal sealed class PlannedObjects
{
    private const int MaxBlobs = 4096;

    private volatile ConcurrentDictionary<BlobId, StoredObject> _young = new();
    private volatile ConcurrentDictionary<BlobId, StoredObject> _old = new();
    private int _count;

    public void Add(BlobId blob, StoredObject found)
    {
        _young[blob] = found;
        if (Interlocked.Increment(ref _count) == MaxBlobs)
        {
            _old = _young;
            _young = new ConcurrentDictionary<BlobId, StoredObject>();
            Interlocked.Exchange(ref _count, 0);
        }
    }

    public StoredObject? Find(BlobId blob) => _young.GetValueOrDefault(blob) ?? _old.GetValueOrDefault(blob);
}
