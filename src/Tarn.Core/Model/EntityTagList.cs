namespace Tarn.Core.Model;

/// <summary>
/// The value of If-Match or If-None-Match: <c>*</c>, or entity tags between commas. Quotes may be left out, as S3's clients do.
/// Source: RFC 9110, section 8.8.3 and 13.1.
/// </summary>
public static class EntityTagList
{
    /// <summary>Whether a list holds this entity tag, or all.</summary>
    /// <param name="list">As it was sent.</param>
    /// <param name="etag">Without quotes.</param>
    /// <param name="weak">Whether a weak tag counts: not where bytes must be the same, as for If-Match on a write.</param>
    public static bool Holds(ReadOnlySpan<char> list, ReadOnlySpan<char> etag, bool weak)
    {
        foreach (Range range in list.Split(','))
        {
            ReadOnlySpan<char> tag = list[range].Trim();
            if (tag is "*")
            {
                return true;
            }

            if (tag.StartsWith("W/", StringComparison.Ordinal))
            {
                if (!weak)
                {
                    continue;
                }

                tag = tag[2..];
            }

            if (tag.Length >= 2 && tag[0] == '"' && tag[^1] == '"')
            {
                tag = tag[1..^1];
            }

            if (tag.SequenceEqual(etag))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a list is <c>*</c>: any entity tag there is.</summary>
    public static bool IsAny(ReadOnlySpan<char> list) => list.Trim() is "*";
}
