namespace Tarn.Core.Model;

/// <summary>
/// The value of If-Match or If-None-Match: <c>*</c>, or a comma-separated list of entity tags. S3's clients may omit the quotes.
/// Source: RFC 9110, sections 8.8.3 and 13.1.
/// </summary>
public static class EntityTagList
{
    /// <summary>Whether a list contains an entity tag or is <c>*</c>.</summary>
    /// <param name="list">The header's value.</param>
    /// <param name="etag">The entity tag, without quotes.</param>
    /// <param name="weak">Whether weak tags match (weak comparison); not for If-Match, which compares strongly.</param>
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

    /// <summary>Whether a list is <c>*</c>, which matches any entity tag.</summary>
    public static bool IsAny(ReadOnlySpan<char> list) => list.Trim() is "*";
}
