using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Tarn.Core.Blobs;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Acceleration;

/// <summary>
/// Keeps the blobs of downloads that go on after their object was replaced or deleted: a capability that is renewed leases its blob for as long as it is valid, and what is leased is
/// not removed when that is due: it is <em>held</em>. Only what is held counts: of what is read, most still has its object. In memory, so it ends with the process. Bounded, and one zone has
/// half of each bound at most: what does not fit is not held, and its download may be cut.
/// </summary>
public sealed class BlobLeases(TimeProvider clock) : IBlobHolds
{
    /// <summary>The most blobs that are held at once.</summary>
    public const int MaxBlobs = 10_000;

    /// <summary>The most bytes that they have together: 1 TiB.</summary>
    public const long MaxBytes = 1L << 40;

    /// <summary>The most blobs that are leased at once, held or not. One that several zones lease counts for each.</summary>
    public const int MaxLeases = 250_000;

    /// <summary>By how much each of these is divided for what one zone may have.</summary>
    public const int ZoneShare = 2;

    /// <summary>How long a blob is leased after its capability has expired, so that who has just presented it can open the blob.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    /// <summary>The time between two looks for what has ended.</summary>
    private static readonly TimeSpan SweepPause = TimeSpan.FromSeconds(1);

    private static readonly Counter<long> Refused = CoreTelemetry.Meter.CreateCounter<long>(
        "tarn.accelerators.leases.refused", unit: "{blob}", description: "Blobs of downloads through accelerators that were not leased, or were removed although they were, because there are too many.");

    private readonly Lock _lock = new();

    // The leases of a blob: nearly always of one zone.
    private readonly Dictionary<BlobId, Lease> _leases = [];
    private readonly Dictionary<string, Use> _zones = new(StringComparer.Ordinal);
    private readonly Use _all = new();
    private long _swept = long.MinValue;

    /// <summary>How many blobs are leased, each counted for each zone that leases it.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                Sweep(always: true);
                return _all.Leases;
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
                return (_all.Held, _all.HeldBytes);
            }
        }
    }

    /// <summary>How many zones have leases.</summary>
    internal int Zones
    {
        get
        {
            lock (_lock)
            {
                return _zones.Count;
            }
        }
    }

    /// <inheritdoc/>
    public bool IsHeld(BlobId id)
    {
        lock (_lock)
        {
            long now = Now;
            Lease? first = _leases.GetValueOrDefault(id);
            bool isLeased = false;
            for (Lease? lease = first; lease is not null; lease = lease.Next)
            {
                if (lease.Until <= now)
                {
                    continue;
                }

                if (lease.IsHeld)
                {
                    return true;
                }

                isLeased = true;
            }

            if (!isLeased)
            {
                return false;
            }

            Sweep(always: false);
            for (Lease? lease = _leases.GetValueOrDefault(id); lease is not null; lease = lease.Next)
            {
                if (lease.Until > now && HasRoom(_all, lease.Bytes, 1) && HasRoom(_zones[lease.Zone], lease.Bytes, ZoneShare))
                {
                    lease.IsHeld = true;
                    Charge(lease, +1, lease.Bytes);
                    return true;
                }
            }

            Refused.Add(1);
            return false;
        }
    }

    /// <summary>Leases a blob; false when too many are.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="zone">The zone that reads it.</param>
    /// <param name="expires">When the capability expires, Unix seconds.</param>
    /// <param name="bytes">Bytes of the blob, as far as they are known.</param>
    internal bool Add(BlobId id, string zone, long expires, long bytes)
    {
        long until = (expires * 1000) + (long)Slack.TotalMilliseconds;
        lock (_lock)
        {
            for (Lease? known = _leases.GetValueOrDefault(id); known is not null; known = known.Next)
            {
                if (known.Zone == zone)
                {
                    known.Until = Math.Max(known.Until, until);
                    long more = Math.Max(0, bytes - known.Bytes);
                    known.Bytes += more;
                    if (known.IsHeld)
                    {
                        Charge(known, 0, more);
                    }

                    return true;
                }
            }

            if (IsFull(zone))
            {
                Sweep(always: false);
                if (IsFull(zone))
                {
                    Refused.Add(1);
                    return false;
                }
            }

            if (!_zones.TryGetValue(zone, out Use? use))
            {
                _zones.Add(zone, use = new Use());
            }

            use.Leases++;
            _all.Leases++;
            _leases[id] = new Lease { Zone = zone, Until = until, Bytes = bytes, Next = _leases.GetValueOrDefault(id) };
            return true;
        }
    }

    /// <summary>Ends the leases of a blob, which is gone: ids are never used again.</summary>
    internal void Remove(BlobId id)
    {
        lock (_lock)
        {
            if (_leases.Remove(id, out Lease? lease))
            {
                for (; lease is not null; lease = lease.Next)
                {
                    End(lease);
                }
            }
        }
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static bool HasRoom(Use use, long bytes, int share) => use.Held < MaxBlobs / share && use.HeldBytes + bytes <= MaxBytes / share;

    private bool IsFull(string zone) => _all.Leases >= MaxLeases || _zones.GetValueOrDefault(zone)?.Leases >= MaxLeases / ZoneShare;

    private void Charge(Lease lease, int held, long bytes)
    {
        Use zone = _zones[lease.Zone];
        zone.Held += held;
        zone.HeldBytes += bytes;
        _all.Held += held;
        _all.HeldBytes += bytes;
    }

    private void End(Lease lease)
    {
        if (lease.IsHeld)
        {
            Charge(lease, -1, -lease.Bytes);
        }

        _all.Leases--;
        if (--_zones[lease.Zone].Leases == 0)
        {
            _zones.Remove(lease.Zone);
        }
    }

    /// <summary>Forgets what has ended; unless it is done always, not more often than is worth it.</summary>
    private void Sweep(bool always)
    {
        long now = Now;
        if (!always && now >= _swept && now - _swept < (long)SweepPause.TotalMilliseconds)
        {
            return;
        }

        _swept = now;
        foreach ((BlobId id, Lease first) in _leases)
        {
            Lease? left = null, next;
            for (Lease? lease = first; lease is not null; lease = next)
            {
                next = lease.Next;
                if (lease.Until > now)
                {
                    lease.Next = left;
                    left = lease;
                }
                else
                {
                    End(lease);
                }
            }

            if (left is null)
            {
                // A dictionary may lose entries while it is enumerated.
                _leases.Remove(id);
            }
            else if (left != first)
            {
                CollectionsMarshal.GetValueRefOrNullRef(_leases, id) = left;
            }
        }
    }

    /// <summary>A zone's lease of a blob.</summary>
    private sealed class Lease
    {
        public required string Zone { get; init; }

        /// <summary>When it ends, Unix milliseconds.</summary>
        public long Until { get; set; }

        public long Bytes { get; set; }

        /// <summary>Whether the blob is held, on the account of this zone.</summary>
        public bool IsHeld { get; set; }

        /// <summary>That of another zone, of the same blob.</summary>
        public Lease? Next { get; set; }
    }

    /// <summary>What a zone, or all of them, have of the bounds.</summary>
    private sealed class Use
    {
        public int Leases { get; set; }

        public int Held { get; set; }

        public long HeldBytes { get; set; }
    }
}
