using Tarn.Core.Blobs;

namespace Tarn.Core.Acceleration;

/// <summary>
/// Keeps the blobs of downloads that go on after their object was replaced or deleted: a capability that is renewed holds its blob for as long as it is valid. In memory, so
/// it ends with the process. Bounded: what does not fit is not held, and its download may be cut.
/// </summary>
public sealed class BlobLeases(TimeProvider clock) : IBlobHolds
{
    /// <summary>The most blobs that are held at once.</summary>
    public const int MaxBlobs = 10_000;

    /// <summary>How long a blob is held after its capability has expired, so that who has just presented it can open the blob.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<BlobId, long> _until = [];

    /// <summary>How many blobs are held.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                Sweep();
                return _until.Count;
            }
        }
    }

    /// <inheritdoc/>
    public bool IsHeld(BlobId id)
    {
        lock (_lock)
        {
            return _until.TryGetValue(id, out long until) && until > Now;
        }
    }

    /// <summary>Holds a blob; false when there are too many already.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="expires">When the capability expires, Unix seconds.</param>
    internal bool Hold(BlobId id, long expires)
    {
        long until = (expires * 1000) + (long)Slack.TotalMilliseconds;
        lock (_lock)
        {
            if (_until.TryGetValue(id, out long known))
            {
                _until[id] = Math.Max(known, until);
                return true;
            }

            if (_until.Count >= MaxBlobs)
            {
                Sweep();
            }

            return _until.Count < MaxBlobs && _until.TryAdd(id, until);
        }
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private void Sweep()
    {
        long now = Now;
        foreach (BlobId id in _until.Where(held => held.Value <= now).Select(static held => held.Key).ToArray())
        {
            _until.Remove(id);
        }
    }
}
