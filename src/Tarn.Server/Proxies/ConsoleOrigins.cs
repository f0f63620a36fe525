using System.Globalization;
using System.Net;
using Tarn.S3.Routing;
using Tarn.Server.Configuration;

namespace Tarn.Server.Proxies;

/// <summary>
/// Which web origins are the console's own, and by which URLs a browser reaches it and S3. Origins are compared as browsers write them: lower case, without the default port of their scheme.
/// Source: RFC 6454, section 6.2; HTML Standard, "ASCII serialization of an origin".
/// </summary>
/// <param name="options">The settings: <c>console-url</c>, <c>external-url</c>, and where the listeners are.</param>
/// <param name="s3Url">The URL of the S3 endpoint on this machine; known once the server listens.</param>
/// <param name="controlUrl">That of the control address.</param>
internal sealed class ConsoleOrigins(ServerOptions options, Func<string> s3Url, Func<string> controlUrl)
{
    private readonly S3Domains _domains = new(options.Domains);
    private readonly string? _told = options.ConsoleUrl?.ToString();
    private Ends? _ends;

    /// <summary>The console's URL without a slash at its end: the configured one, or the control address on this machine. Known once the server listens.</summary>
    public string Url => _told ?? controlUrl();

    /// <summary>Whether <see cref="Url"/> is by which every browser reaches the console: it is configured, or only browsers of this machine do.</summary>
    public bool HasUrl => _told is not null || options.Control.IsLoopback;

    /// <summary>
    /// Whether an S3 request was made by a page of the console. Without a configured URL that is a page of the control address: of its scheme and port, and of the host to which the request was sent, or below the domain
    /// of that name. Names of loopback are one host; where the control address is on loopback nothing else can be the console.
    /// </summary>
    /// <param name="headers">Those of the request.</param>
    public bool MadeS3Request(IHeaderDictionary headers)
    {
        if (headers.Origin is not [{ } origin])
        {
            return false;
        }

        if (_told is not null)
        {
            return origin == _told;
        }

        Ends ends = Known();
        if (!origin.StartsWith(ends.Scheme, StringComparison.Ordinal) || !origin.EndsWith(ends.Port, StringComparison.Ordinal) || origin.Length <= ends.Scheme.Length + ends.Port.Length)
        {
            return false;
        }

        ReadOnlySpan<char> name = origin.AsSpan(ends.Scheme.Length, origin.Length - ends.Scheme.Length - ends.Port.Length);
        return LoopbackNames.Has(name)
            ? options.Control.IsLoopback || LoopbackNames.Has(HostOf(headers))
            : !options.Control.IsLoopback && HostOf(headers) is { } host && (name.SequenceEqual(host) || _domains.DomainOf(name.ToString()) == host);
    }

    /// <summary>Whether the page that made a request to the control address was served by it, as the browser says in Origin: for browsers that do not send Sec-Fetch-Site.</summary>
    public bool IsSameOrigin(HttpRequest request) =>
        request.Headers.Origin is [{ } origin] && (origin == _told || origin == OriginOf(request, request.Scheme));

    /// <summary>Whether the page that made a request to the control address is at <see cref="Url"/>: so the browser says in Origin, or the request is for its host.</summary>
    public bool IsAtUrl(HttpRequest request) =>
        Url == (request.Headers.Origin is [{ } origin] ? origin : OriginOf(request, IsSecure(request) ? Uri.UriSchemeHttps : Uri.UriSchemeHttp));

    /// <summary>
    /// Whether the browser that made a request to the control address uses TLS: so it arrived, a trusted proxy says so, or it is for the host of a configured URL with https.
    /// </summary>
    public bool IsSecure(HttpRequest request) =>
        request.IsHttps || (_told is not null && _told == OriginOf(request, Uri.UriSchemeHttps));

    /// <summary>
    /// The URL by which the browser that made a request to the control address reaches S3, without a slash at its end: the configured external URL, or the host that it used and the port of the S3 endpoint. Null if its
    /// Host header is none, or if that would be an IPv6 address: no content security policy can name one. Source: Content Security Policy Level 3, section 2.3.1, host-part.
    /// </summary>
    public string? S3UrlFor(HttpRequest request) => S3For(request)?.ToString();

    /// <summary>The origin of <see cref="S3UrlFor"/>, for a content security policy; null where that is.</summary>
    public string? S3OriginFor(HttpRequest request) => S3For(request) is { } url ? (url with { Prefix = "" }).ToString() : null;

    private ExternalUrl? S3For(HttpRequest request)
    {
        if (options.Proxies.External is { } external)
        {
            return IsNamed(external.Host) ? external : null;
        }

        var s3 = new Uri(s3Url());
        return HostOf(request.Headers) is { } host && S3HostFor(host) is { } reached ? new ExternalUrl(s3.Scheme, reached, s3.Port, "") : null;
    }

    /// <summary>The host of S3 for a browser that opened the console at another; null if no page can name it.</summary>
    private string? S3HostFor(string host)
    {
        // Below a domain the host would name a bucket.
        host = _domains.DomainOf(host) ?? host;
        if (LoopbackNames.Has(host) && !AnswersAt(host))
        {
            // On an address of its own S3 is not reached by another name of loopback, which a tunnel may lead here.
            host = options.S3.LocalHost;
        }

        return IsNamed(host) ? host : LoopbackNames.Has(host) ? "localhost" : null;
    }

    /// <summary>Whether the S3 endpoint listens where a host of loopback leads.</summary>
    private bool AnswersAt(string host)
    {
        ListenAddress s3 = options.S3;
        if (s3.IsEveryAddress || (s3.Address is { } any && (any.Equals(IPAddress.Any) || any.Equals(IPAddress.IPv6Any))))
        {
            return true;
        }

        return LoopbackNames.AddressOf(host) is { } wanted
            ? s3.Address is null ? IsLocalhost(wanted) : s3.Address.Equals(wanted)
            : s3.Address is null || IsLocalhost(s3.Address);

        static bool IsLocalhost(IPAddress address) => address.Equals(IPAddress.Loopback) || address.Equals(IPAddress.IPv6Loopback);
    }

    private static bool IsNamed(string host) => !host.StartsWith('[');

    /// <summary>The name in the Host header as a browser writes it in an origin; null if it is none.</summary>
    private static string? HostOf(IHeaderDictionary headers) =>
        headers.Host is [{ Length: > 0 } host] && ForwardedHost.IsValid(host) ? ForwardedHost.NameOf(host).ToLowerInvariant() : null;

    /// <summary>The origin of the host and port to which a request was sent; null if its Host header is none.</summary>
    private static string? OriginOf(HttpRequest request, string scheme) =>
        HostOf(request.Headers) is { } name ? new ExternalUrl(scheme, name, ForwardedHost.PortOf(request.Headers.Host.ToString()) ?? ExternalUrl.DefaultPort(scheme), "").ToString() : null;

    /// <summary>What the origins of the control address begin and end with. The port is known, and kept, once it is bound; S3 may be asked before.</summary>
    private Ends Known()
    {
        if (_ends is { } known)
        {
            return known;
        }

        var control = new Uri(controlUrl());
        var ends = new Ends(
            control.Scheme + "://",
            control.Port == ExternalUrl.DefaultPort(control.Scheme) ? "" : string.Create(CultureInfo.InvariantCulture, $":{control.Port}"));
        if (control.Port != 0)
        {
            _ends = ends;
        }

        return ends;
    }

    private sealed record Ends(string Scheme, string Port);
}
