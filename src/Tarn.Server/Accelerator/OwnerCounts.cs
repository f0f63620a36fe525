using Tarn.Core.Acceleration;

namespace Tarn.Server.Accelerator;

/// <summary>Bytes sent to clients from caches, by the owners of the buckets that they are of: of so many owners as a registration has, and of all others together.</summary>
internal sealed class OwnerCounts
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _bytes = new(StringComparer.Ordinal);
    private long _others;

    /// <summary>The counts, as a registration says them.</summary>
    public IReadOnlyList<OwnerHits> All
    {
        get
        {
            lock (_lock)
            {
                IEnumerable<OwnerHits> named = _bytes.Select(static each => new OwnerHits(each.Key, each.Value));
                return [.. _others > 0 ? named.Append(new OwnerHits(null, _others)) : named];
            }
        }
    }

    /// <summary>Adds bytes of an owner.</summary>
    /// <param name="owner">Canonical user id; null if it is not known.</param>
    /// <param name="bytes">Bytes.</param>
    public void Add(string? owner, long bytes)
    {
        if (bytes <= 0)
        {
            return;
        }

        lock (_lock)
        {
            // One place is for the others.
            if (owner is not null && (_bytes.ContainsKey(owner) || _bytes.Count < AcceleratorRegistration.MaxOrganizations - 1))
            {
                _bytes[owner] = _bytes.GetValueOrDefault(owner) + bytes;
            }
            else
            {
                _others += bytes;
            }
        }
    }
}
