using System.Diagnostics.Metrics;
using Tarn.Core.Blobs;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Acceleration;

/// <summary>
/// Keeps the blobs of downloads that go on after their object was replaced or deleted: a capability that is renewed leases its blob for as long as it is valid, and what is leased is
/// not removed when that is due: it is <em>held</em>. Only what is held counts: of what is read, most still has its object. In memory, so it ends with the process. Bounded: what does
/// not fit is not held, and its download may be cut.
/// </summary>
public sealed class BlobLeases(TimeProvider clock) : IBlobHolds
{
    /// <summary>The most blobs that are held at once.</summary>
    public const int MaxBlobs = 10_000;

    /// <summary>The most bytes that they have together: 1 TiB.</summary>
    public const long MaxBytes = 1L << 40;

    /// <summary>The most blobs that are leased at once, held or not.</summary>
    public const int MaxLeases = 250_000;

    /// <summary>How long a blob is leased after its capability has expired, so that who has just presented it can open the blob.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    /// <summary>The time between two looks for what has ended.</summary>
    private static readonly TimeSpan SweepPause = TimeSpan.FromSeconds(1);

    private static readonly Counter<long> Refused = CoreTelemetry.Meter.CreateCounter<long>(
        "tarn.accelerators.leases.refused", unit: "{blob}", description: "Blobs of downloads through accelerators that were not leased, or were removed although they were, because there are too many.");

    private readonly Lock _lock = new();
    private readonly Dictionary<BlobId, Lease> _leases = [];
    private long _swept = long.MinValue;
    private int _held;
    private long _heldBytes;

    /// <summary>How many blobs are leased.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                Sweep(always: true);
                return _leases.Count;
            }
        }
    }

    /// <summary>Of which blobs the removal waits: how many, and their bytes together.</summary>
    public (int Count, long Bytes) Held
    {
        get
        {
            lock (_lock)
            {
                Sweep(always: true);
                return (_held, _heldBytes);
            }
        }
    }

    /// <inheritdoc/>
    public bool IsHeld(BlobId id)
    {
        lock (_lock)
        {
            if (!_leases.TryGetValue(id, out Lease? lease) || lease.Until <= Now)
            {
                return false;
            }

            if (lease.IsHeld)
            {
                return true;
            }

            Sweep(always: false);
            if (_held >= MaxBlobs || _heldBytes + lease.Bytes > MaxBytes)
            {
                Refused.Add(1);
                return false;
            }

            lease.IsHeld = true;
            _held++;
            _heldBytes += lease.Bytes;
            return true;
        }
    }

    /// <summary>Leases a blob; false when too many are.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="expires">When the capability expires, Unix seconds.</param>
    /// <param name="bytes">Bytes of the blob, as far as they are known.</param>
    internal bool Add(BlobId id, long expires, long bytes)
    {
        long until = (expires * 1000) + (long)Slack.TotalMilliseconds;
        lock (_lock)
        {
            if (_leases.TryGetValue(id, out Lease? known))
            {
                known.Until = Math.Max(known.Until, until);
                long more = Math.Max(0, bytes - known.Bytes);
                known.Bytes += more;
                _heldBytes += known.IsHeld ? more : 0;
                return true;
            }

            if (_leases.Count >= MaxLeases)
            {
                Sweep(always: false);
            }

            if (_leases.Count < MaxLeases)
            {
                _leases.Add(id, new Lease { Until = until, Bytes = bytes });
                return true;
            }

            Refused.Add(1);
            return false;
        }
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Forgets what has ended; unless it is done always, not more often than is worth it.</summary>
    private void Sweep(bool always)
    {
        long now = Now;
        if (!always && now >= _swept && now - _swept < (long)SweepPause.TotalMilliseconds)
        {
            return;
        }

        _swept = now;
        foreach ((BlobId id, Lease lease) in _leases)
        {
            if (lease.Until > now)
            {
                continue;
            }

            // A dictionary may lose entries while it is enumerated.
            _leases.Remove(id);
            if (lease.IsHeld)
            {
                _held--;
                _heldBytes -= lease.Bytes;
            }
        }
    }

    private sealed class Lease
    {
        /// <summary>When it ends, Unix milliseconds.</summary>
        public long Until { get; set; }

        public long Bytes { get; set; }

        public bool IsHeld { get; set; }
    }
}
