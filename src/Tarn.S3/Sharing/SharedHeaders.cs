using Microsoft.AspNetCore.Http;

namespace Tarn.S3.Sharing;

/// <summary>The headers that make a shared file safe in a browser.</summary>
internal static class SharedHeaders
{
    public const string CacheControl = "private, no-store";

    /// <summary>Sets the headers of every answer, refusals included.</summary>
    public static void Protect(HttpResponse response)
    {
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = SharedDisposition.Sandbox;
        response.Headers.CacheControl = CacheControl;
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["X-Robots-Tag"] = "noindex";
    }
}
