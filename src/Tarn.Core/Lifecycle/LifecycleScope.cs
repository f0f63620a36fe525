namespace Tarn.Core.Lifecycle;

/// <summary>The keys to which rules could apply, as the fewest prefixes: a walk seeks from one to the next and skips the keys between.</summary>
internal sealed class LifecycleScope
{
    /// <summary>The prefixes in byte order; none begins with another.</summary>
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

    /// <summary>Returns the smallest key of the scope at or after a key; null when there is none.</summary>
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
