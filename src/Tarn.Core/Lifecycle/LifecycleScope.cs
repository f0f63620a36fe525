namespace Tarn.Core.Lifecycle;

/// <summary>The keys that rules could be for, as the fewest prefixes: a walk seeks from one to the next instead of reading what is between.</summary>
internal sealed class LifecycleScope
{
    /// <summary>In byte order; none begins with another.</summary>
    private readonly List<byte[]> _prefixes = [];

    public LifecycleScope(IEnumerable<LifecycleFilter> filters)
    {
        List<byte[]> sorted = [.. filters.Select(static filter => filter.PrefixUtf8.ToArray())];
        sorted.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        foreach (byte[] prefix in sorted)
        {
            if (_prefixes.Count == 0 || !prefix.AsSpan().StartsWith(_prefixes[^1]))
            {
                _prefixes.Add(prefix);
            }
        }
    }

    /// <summary>The smallest key of the scope that is not before this one; null when there is none.</summary>
    public byte[]? Seek(byte[] key)
    {
        foreach (byte[] prefix in _prefixes)
        {
            if (key.AsSpan().StartsWith(prefix))
            {
                return key;
            }

            if (prefix.AsSpan().SequenceCompareTo(key) > 0)
            {
                return prefix;
            }
        }

        return null;
    }
}
