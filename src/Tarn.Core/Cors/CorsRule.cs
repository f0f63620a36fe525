namespace Tarn.Core.Cors;

/// <summary>
/// One rule of a bucket's cross-origin configuration: which pages may do what from a browser, and what they may see of the answer.
/// Source: Amazon S3 API Reference, data type CORSRule.
/// </summary>
public sealed record CorsRule
{
    /// <summary>A name for people; null when the rule has none. At most 255 characters.</summary>
    public string? Id { get; init; }

    /// <summary>Origins (<c>scheme://host:port</c>), each with at most one <c>*</c>, which stands for any characters.</summary>
    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    /// <summary>Some of GET, PUT, HEAD, POST and DELETE.</summary>
    public required IReadOnlyList<string> AllowedMethods { get; init; }

    /// <summary>Names of request headers, each with at most one <c>*</c>. Only preflights look at them.</summary>
    public IReadOnlyList<string> AllowedHeaders { get; init; } = [];

    /// <summary>Names of the answer's headers that scripts may read.</summary>
    public IReadOnlyList<string> ExposeHeaders { get; init; } = [];

    /// <summary>Seconds for which a browser may remember the answer to a preflight; null leaves it to the browser.</summary>
    public int? MaxAgeSeconds { get; init; }

    /// <summary>The pattern that allows an origin; null when none does. Case-sensitive.</summary>
    internal string? FindOrigin(string origin)
    {
        foreach (string pattern in AllowedOrigins)
        {
            if (Matches(pattern, origin, StringComparison.Ordinal))
            {
                return pattern;
            }
        }

        return null;
    }

    internal bool AllowsHeader(string name)
    {
        foreach (string pattern in AllowedHeaders)
        {
            if (Matches(pattern, name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Matches(string pattern, string text, StringComparison comparison)
    {
        int star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return string.Equals(pattern, text, comparison);
        }

        // The parts before and after the star must not overlap in the text.
        return text.Length >= pattern.Length - 1
            && text.AsSpan().StartsWith(pattern.AsSpan(0, star), comparison)
            && text.AsSpan().EndsWith(pattern.AsSpan(star + 1), comparison);
    }
}
