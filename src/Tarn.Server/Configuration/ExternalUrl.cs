using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tarn.Server.Configuration;

/// <summary>How clients reach the S3 endpoint, or the console: scheme, host, port and path prefix.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">Lower case; an IPv6 address is in brackets.</param>
/// <param name="Port">Set even if it is the scheme's default.</param>
/// <param name="Prefix">Empty, or a path that begins with a slash and does not end with one.</param>
internal sealed record ExternalUrl(string Scheme, string Host, int Port, string Prefix)
{
    /// <summary>The Host header that clients send.</summary>
    public string Authority => Port == DefaultPort(Scheme) ? Host : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    public Uri Uri => new(ToString());

    public static int DefaultPort(string scheme) => scheme == Uri.UriSchemeHttps ? 443 : 80;

    public static bool TryParse(string text, [NotNullWhen(true)] out ExternalUrl? url)
    {
        url = Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0 && !text.AsSpan().ContainsAny("?#")
            && PathPrefix.TryParse(PathOf(text), out string? prefix)
            ? new ExternalUrl(uri.Scheme, uri.HostNameType == UriHostNameType.Dns ? uri.IdnHost : uri.Host, uri.Port, prefix)
            : null;
        return url is not null;
    }

    /// <summary>Whether a Host header names this URL.</summary>
    public bool IsNamedBy(string host) =>
        host.Equals(Authority, StringComparison.OrdinalIgnoreCase)
        || (Port == DefaultPort(Scheme) && host.Equals(string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}"), StringComparison.OrdinalIgnoreCase));

    public override string ToString() => $"{Scheme}://{Authority}{Prefix}";

    /// <summary>The path as written: parsing would remove dot segments.</summary>
    private static string PathOf(string text)
    {
        int authority = text.IndexOf("://", StringComparison.Ordinal) + 3;
        int slash = text.IndexOf('/', authority);
        return slash < 0 ? "" : text[slash..];
    }
}
