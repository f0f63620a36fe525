namespace Tarn.S3.Auth.SigV4;

/// <summary>A request target, split into path and query without decoding.</summary>
/// <param name="Path">From the first '/' to the '?'.</param>
/// <param name="Query">After the '?'; empty when there is none.</param>
internal readonly record struct RawTarget(ReadOnlyMemory<char> Path, ReadOnlyMemory<char> Query)
{
    /// <summary>Parses origin form (/path?query) and absolute form (http://host/path?query). Source: RFC 9112, section 3.2.</summary>
    public static RawTarget Parse(string target)
    {
        var rest = target.AsMemory();
        if (!target.StartsWith('/') && target.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme)
        {
            var authority = target.AsSpan(scheme + 3);
            var end = authority.IndexOfAny('/', '?');
            rest = end < 0 ? default : rest[(scheme + 3 + end)..];
        }

        var mark = rest.Span.IndexOf('?');
        var path = mark < 0 ? rest : rest[..mark];
        return new RawTarget(path.IsEmpty ? "/".AsMemory() : path, mark < 0 ? default : rest[(mark + 1)..]);
    }

    /// <summary>The target with the prefix that a proxy removed.</summary>
    public RawTarget Below(string prefix) => prefix.Length == 0 ? this : this with { Path = string.Concat(prefix, Path.Span).AsMemory() };

    /// <summary>Removes the next name=value, still escaped, from <paramref name="query"/>; false at the end.</summary>
    public static bool NextParameter(ref ReadOnlyMemory<char> query, out ReadOnlyMemory<char> name, out ReadOnlyMemory<char> value)
    {
        while (!query.IsEmpty)
        {
            var end = query.Span.IndexOf('&');
            var pair = end < 0 ? query : query[..end];
            query = end < 0 ? default : query[(end + 1)..];
            if (pair.IsEmpty)
            {
                continue;
            }

            var equals = pair.Span.IndexOf('=');
            name = equals < 0 ? pair : pair[..equals];
            value = equals < 0 ? default : pair[(equals + 1)..];
            return true;
        }

        name = value = default;
        return false;
    }
}
