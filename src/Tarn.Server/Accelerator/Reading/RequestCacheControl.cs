using Tarn.Core.Cache;

namespace Tarn.Server.Accelerator.Reading;

/// <summary>
/// What a client's Cache-Control header allows the cache: <c>no-store</c> neither looks nor fills, <c>no-cache</c> looks and does not fill. Source: CoreWeave documentation, "LOTA"; the
/// directives are those of RFC 9111, section 5.2.1.
/// </summary>
internal static class RequestCacheControl
{
    public static CacheUse Of(IHeaderDictionary headers)
    {
        CacheUse use = CacheUse.Fill;
        foreach (string? value in headers.CacheControl)
        {
            foreach (Range part in (value ?? "").AsSpan().Split(','))
            {
                ReadOnlySpan<char> directive = (value ?? "").AsSpan(part).Trim();
                if (directive.Equals("no-store", StringComparison.OrdinalIgnoreCase))
                {
                    return CacheUse.None;
                }

                if (directive.Equals("no-cache", StringComparison.OrdinalIgnoreCase))
                {
                    use = CacheUse.LookOnly;
                }
            }
        }

        return use;
    }
}
