using System.Collections.Frozen;

namespace Tarn.S3.Routing;

/// <summary>
/// The query parameters that have a meaning and so may occur only once. A signature covers parameters in sorted order: the holder of a
/// signed URL that repeats one could swap the two values without breaking the signature, and change what the request asks for.
/// </summary>
/// <remarks>Without those of a presigned URL: the code that reads the signature refuses repeated ones itself.</remarks>
internal sealed class KnownParameters
{
    private readonly FrozenSet<string> _names;
    private readonly FrozenSet<string> _subresources;

    /// <param name="rows">The implemented operations.</param>
    /// <param name="notImplemented">The operations of S3 that are not implemented.</param>
    public KnownParameters(IReadOnlyList<S3Operation> rows, IReadOnlyList<S3Operation> notImplemented)
    {
        _subresources = Enum.GetValues<S3Target>().SelectMany(target => Subresources.Of(rows.Concat(notImplemented), target))
            .ToFrozenSet(StringComparer.Ordinal);
        _names = _subresources
            .Concat(rows.SelectMany(static row => row.Query.Select(static query => query.Split('=')[0]).Concat(row.Parameters)))
            .ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>All of S3's sub-resources, implemented or not, of buckets and objects.</summary>
    public IEnumerable<string> AllSubresources => _subresources;

    public bool Contains(string name) => _names.Contains(name);

    /// <summary>Whether a parameter names a sub-resource.</summary>
    public bool IsSubresource(string name) => _subresources.Contains(name);

    /// <summary>The first of these parameters that is repeated, with its second value; null when each comes once.</summary>
    public KeyValuePair<string, string>? FirstRepeated(RequestQuery query)
    {
        ReadOnlySpan<KeyValuePair<string, string>> pairs = query.Span;
        for (int i = 1; i < pairs.Length; i++)
        {
            // There are few known names, and the first repetition ends the search: a long query of unknown names costs one pass.
            if (Contains(pairs[i].Key) && IsAmong(pairs[i].Key, pairs[..i]))
            {
                return pairs[i];
            }
        }

        return null;
    }

    private static bool IsAmong(string name, ReadOnlySpan<KeyValuePair<string, string>> pairs)
    {
        foreach (ref readonly KeyValuePair<string, string> pair in pairs)
        {
            if (string.Equals(pair.Key, name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
