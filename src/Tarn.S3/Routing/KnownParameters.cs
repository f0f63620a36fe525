using System.Collections.Frozen;

namespace Tarn.S3.Routing;

/// <summary>
/// The query parameters that have a meaning and so may come only once. A signature covers parameters in sorted order: the holder of a
/// signed URL that repeats one could swap the two values without breaking the signature, and change what the request asks for.
/// </summary>
/// <remarks>Without those of a presigned URL: the code that reads the signature refuses repeated ones itself.</remarks>
internal static class KnownParameters
{
    private static readonly FrozenSet<string> Names = Subresources.All
        .Concat(OperationTable.Rows.SelectMany(static row => row.Query.Select(static query => query.Split('=')[0]).Concat(row.Parameters)))
        .ToFrozenSet(StringComparer.Ordinal);

    public static bool Contains(string name) => Names.Contains(name);

    /// <summary>The first of these parameters that is repeated, with its second value; null when each comes once.</summary>
    public static KeyValuePair<string, string>? FirstRepeated(RequestQuery query)
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
