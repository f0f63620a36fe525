using System.Collections.Frozen;

namespace Tarn.Server.Accelerator.Upstream;

/// <summary>Headers that are for one connection and are not passed on. Source: RFC 9110, section 7.6.1.</summary>
internal static class HopByHop
{
    private static readonly FrozenSet<string> Always = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Upgrade", "Transfer-Encoding");

    /// <summary>What a Connection header cannot remove: without it, the request would be another, or end elsewhere.</summary>
    private static readonly FrozenSet<string> Never = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "Host", "Content-Length", "Expect", "Trailer", "Authorization");

    /// <summary>Whether a header is not passed on.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="named">What the Connection headers name.</param>
    public static bool Includes(string name, IReadOnlySet<string> named) => Always.Contains(name) || (named.Count > 0 && named.Contains(name) && !Never.Contains(name));

    /// <summary>The elements of all values of a header that is a list of names.</summary>
    public static IReadOnlySet<string> Names(IEnumerable<KeyValuePair<string, string>> headers, string header)
    {
        HashSet<string>? names = null;
        foreach ((string name, string value) in headers)
        {
            if (name.Equals(header, StringComparison.OrdinalIgnoreCase))
            {
                names ??= new HashSet<string>(StringComparer.OrdinalIgnoreCase);
                names.UnionWith(value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            }
        }

        return names ?? (IReadOnlySet<string>)FrozenSet<string>.Empty;
    }
}
