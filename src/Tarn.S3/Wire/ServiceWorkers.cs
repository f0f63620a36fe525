using Microsoft.AspNetCore.Http;

namespace Tarn.S3.Wire;

/// <summary>
/// Recognizes a browser that fetches the script of a service worker. One that is stored beside other keys would from then on see, and answer, what the browser asks for below its path: presigned URLs, previews and downloads of whoever
/// has opened a page there once. Source: Service Workers, W3C, the algorithm Update, which adds this header, and no page can.
/// </summary>
internal static class ServiceWorkers
{
    private const string Header = "Service-Worker";

    /// <summary>What such a request is told.</summary>
    public const string Refusal = "A service worker would answer for other keys of this address. Its script is served where the bucket has a host name of its own.";

    /// <summary>Whether a request is for such a script.</summary>
    public static bool IsScript(HttpRequest request) => request.Headers.ContainsKey(Header);
}
