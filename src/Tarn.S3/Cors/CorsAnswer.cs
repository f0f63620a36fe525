using System.Globalization;
using Tarn.Core.Cors;

namespace Tarn.S3.Cors;

/// <summary>The CORS headers, with which a browser lets a page of another origin read an answer. Source: Fetch Standard, section 3.3.3; Amazon S3 User Guide, "Using CORS".</summary>
internal static class CorsAnswer
{
    /// <summary>The Vary header of every answer to an allowed origin: caches must not give it to another origin.</summary>
    public const string Vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

    /// <param name="grant">The rule that allows the origin.</param>
    /// <param name="requested">The headers that a preflight announced and the rule allows.</param>
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
