using System.Globalization;
using Tarn.Core.Cors;

namespace Tarn.S3.Cors;

/// <summary>The headers by which a browser lets a page of another origin see an answer. Source: Fetch Standard, section 3.3.3; Amazon S3 User Guide, "Using CORS".</summary>
internal static class CorsAnswer
{
    /// <summary>What the answer depends on, said on every answer to a page that is let in: caches must not hand it to another.</summary>
    public const string Vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

    /// <param name="grant">What lets the page in.</param>
    /// <param name="requested">The headers that a preflight announced, which the grant covers.</param>
    public static List<KeyValuePair<string, string>> Headers(CorsGrant grant, IReadOnlyList<string> requested)
    {
        CorsRule rule = grant.Rule;
        List<KeyValuePair<string, string>> headers =
        [
            new("Access-Control-Allow-Origin", grant.Origin ?? "*"),
            new("Access-Control-Allow-Methods", string.Join(", ", rule.AllowedMethods)),
        ];
        if (requested.Count > 0)
        {
            headers.Add(new("Access-Control-Allow-Headers", string.Join(", ", requested).ToLowerInvariant()));
        }

        if (rule.ExposeHeaders.Count > 0)
        {
            headers.Add(new("Access-Control-Expose-Headers", string.Join(", ", rule.ExposeHeaders)));
        }

        if (rule.MaxAgeSeconds is { } seconds)
        {
            headers.Add(new("Access-Control-Max-Age", seconds.ToString(CultureInfo.InvariantCulture)));
        }

        if (grant.Origin is not null)
        {
            headers.Add(new("Access-Control-Allow-Credentials", "true"));
        }

        headers.Add(new("Vary", Vary));
        return headers;
    }
}
