namespace Tarn.Core.Identity;

/// <summary>How many temporary keys there can be at a time.</summary>
/// <param name="Total">On the server.</param>
/// <param name="OfOrganization">Of one organization, so that no organization uses up what others need.</param>
/// <param name="OfIssuer">For tokens of one issuer, so that its workloads leave some to the organization's users and other issuers.</param>
/// <param name="OfHolder">Of one principal: whoever holds a token of a workload can ask for more.</param>
internal sealed record TemporaryKeyLimits(int Total = 100_000, int OfOrganization = 20_000, int OfIssuer = 10_000, int OfHolder = 1000)
{
    /// <summary>
    /// A limit for sessions of the console: one in fifty more, so that whoever has a program that issues as many credentials as there can be still signs in, and ends them.
    /// </summary>
    public static int ForConsole(int limit) => limit + (limit / 50);
}

/// <summary>
/// Counts the temporary keys that this process issued or found when it started, until they expire. A check and the count that follows from it are one step,
/// so that concurrent requests do not pass a limit together. Thread-safe.
/// </summary>
/// <param name="limits">The limits.</param>
internal sealed class TemporaryKeyCounts(TemporaryKeyLimits limits)
{
    /// <summary>
    /// How long a key counts at least: the row of an expired key stays for a while, and otherwise a workload that asks for keys of a second could have the server write any number of them.
    /// </summary>
    public static readonly TimeSpan MinCounted = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<(Scope, string, string), Expiries> _groups = [];

    private enum Scope
    {
        Total,
        Organization,
        Issuer,
        Holder,
    }

    /// <summary>Counts a key that is about to be issued; returns why it must not be, for the person who asked, or null.</summary>
    /// <param name="key">The key.</param>
    /// <param name="now">The time.</param>
    /// <param name="renews">Whether another ends once it is issued.</param>
    public string? TryAdd(TemporaryKey key, DateTimeOffset now, bool renews = false)
    {
        lock (_gate)
        {
            foreach (((Scope Scope, string, string) group, int limit, string refusal) in Groups(key))
            {
                if (_groups.GetValueOrDefault(group) is { } expiries && expiries.CountAt(now) >= (key.IsConsole ? TemporaryKeyLimits.ForConsole(limit) : limit) + (renews ? 1 : 0))
                {
                    return refusal + "; try again when some have expired";
                }
            }

            Count(key);
            return null;
        }
    }

    /// <summary>Counts a key that was issued before.</summary>
    public void Add(TemporaryKey key)
    {
        lock (_gate)
        {
            Count(key);
        }
    }

    /// <summary>Counts a key no longer: it was not issued after all, or was revoked.</summary>
    public void Remove(TemporaryKey key)
    {
        lock (_gate)
        {
            foreach (((Scope, string, string) group, _, _) in Groups(key))
            {
                _groups.GetValueOrDefault(group)?.Remove(End(key));
            }
        }
    }

    /// <summary>Forgets the principals and organizations that have no keys any more.</summary>
    public void Trim(DateTimeOffset now)
    {
        lock (_gate)
        {
            foreach ((Scope, string, string) group in _groups.Where(group => group.Value.CountAt(now) == 0).Select(static group => group.Key).ToArray())
            {
                _groups.Remove(group);
            }
        }
    }

    private void Count(TemporaryKey key)
    {
        foreach (((Scope, string, string) group, _, _) in Groups(key))
        {
            if (!_groups.TryGetValue(group, out Expiries? expiries))
            {
                _groups[group] = expiries = new Expiries();
            }

            expiries.Add(End(key));
        }
    }

    private List<((Scope Scope, string Organization, string Name) Group, int Limit, string Refusal)> Groups(TemporaryKey key)
    {
        List<((Scope, string, string), int, string)> groups =
        [
            ((Scope.Holder, key.Organization, key.Holder), limits.OfHolder, $"the principal has {limits.OfHolder} temporary credentials"),
            ((Scope.Organization, key.Organization, ""), limits.OfOrganization, $"the organization has {limits.OfOrganization} temporary credentials"),
            ((Scope.Total, "", ""), limits.Total, "the server has too many temporary credentials"),
        ];
        if (key.Issuer is { } issuer)
        {
            groups.Add(((Scope.Issuer, key.Organization, issuer), limits.OfIssuer, $"there are {limits.OfIssuer} temporary credentials for tokens of the issuer"));
        }

        return groups;
    }

    private static long End(TemporaryKey key)
    {
        DateTimeOffset least = key.Created + MinCounted;
        return (key.Expires < least ? least : key.Expires).ToUnixTimeSeconds();
    }

    /// <summary>When the keys of one group expire, in seconds of Unix time.</summary>
    private sealed class Expiries
    {
        private readonly SortedDictionary<long, int> _ends = [];
        private int _count;

        public void Add(long end)
        {
            _ends[end] = _ends.GetValueOrDefault(end) + 1;
            _count++;
        }

        public void Remove(long end)
        {
            if (_ends.TryGetValue(end, out int count))
            {
                _count--;
                _ = count == 1 ? _ends.Remove(end) : (_ends[end] = count - 1) > 0;
            }
        }

        public int CountAt(DateTimeOffset now)
        {
            while (_ends.Count > 0 && _ends.First() is var first && first.Key <= now.ToUnixTimeSeconds())
            {
                _ends.Remove(first.Key);
                _count -= first.Value;
            }

            return _count;
        }
    }
}
