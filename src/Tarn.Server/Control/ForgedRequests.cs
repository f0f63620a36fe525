using Tarn.Server.Proxies;

namespace Tarn.Server.Control;

/// <summary>
/// Refuses requests that another page may have had the browser send with the console's cookie, or to plant one. SameSite is not enough: pages of other ports of the same host are of the
/// same site, and S3 serves what users store on one of them. Such a page can still set a cookie of this host, which is why a session is of the page that began it: see <see cref="PageProof"/>. Source: Fetch Metadata Request Headers, section 2; Fetch Standard, Origin header.
/// </summary>
internal sealed class ForgedRequests(ConsoleOrigins origins)
{
    /// <summary>What a page is told whose cookie is of a session that it did not begin.</summary>
    public const string AnotherPage = "this page did not begin the session: sign in again";

    private const string SiteHeader = "Sec-Fetch-Site";
    private const string SameOrigin = "same-origin";

    /// <summary>What a browser says of a request that no page made: somebody typed the address, or chose it among bookmarks.</summary>
    private const string NoPage = "none";

    /// <summary>Throws unless a request that the cookie authenticates is one of the console's own.</summary>
    /// <exception cref="ControlRefusalException">403.</exception>
    public void ThrowIfForged(HttpContext http)
    {
        HttpRequest request = http.Request;
        if (!ChangesNothing(http))
        {
            ThrowIfNotOfConsole(request);
        }
        else if (request.Headers[SiteHeader] is { Count: > 0 } site ? site is not [SameOrigin or NoPage] : request.Headers.Origin.Count > 0 && !origins.IsSameOrigin(request))
        {
            throw ControlRefusalException.Forbidden("the request comes from a page of another origin");
        }
    }

    /// <summary>
    /// Throws unless the page that made a request that the cookie authenticates is the one that began its session: of what changes something, and of what says which page it is. A link says nothing, and neither does
    /// what a script of another program reads.
    /// </summary>
    /// <exception cref="ControlRefusalException">403.</exception>
    public static void ThrowIfOfAnotherPage(HttpContext http, ConsoleSession session)
    {
        if (!(ChangesNothing(http) && http.Request.Headers[PageProof.Header].Count == 0) && !session.WasBegunWith(PageProof.HashOf(http.Request)))
        {
            throw ControlRefusalException.Forbidden(AnotherPage);
        }
    }

    /// <summary>Throws unless a request is one that the console's page made.</summary>
    /// <returns>The digest of the page's proof.</returns>
    /// <exception cref="ControlRefusalException">403.</exception>
    public byte[] ThrowIfNotOfConsole(HttpRequest request)
    {
        byte[] proof = PageProof.HashOf(request)
            ?? throw ControlRefusalException.Forbidden($"a request that the console's cookie is for must have the header {PageProof.Header} with the proof of its page: 43 characters of Base64url");
        if (request.Headers[SiteHeader] is { Count: > 0 } site ? site is not [SameOrigin] : !origins.IsSameOrigin(request))
        {
            throw ControlRefusalException.Forbidden("the request comes from a page of another origin, or from something that is no page");
        }

        return proof;
    }

    private static bool ChangesNothing(HttpContext http) =>
        (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) && http.GetEndpoint()?.Metadata.GetMetadata<ChangesSomething>() is null;
}
