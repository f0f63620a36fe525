using System.Net;

namespace Tarn.Server.Configuration;

/// <summary>Which names in URLs and Host headers lead to the machine itself, wherever they are resolved.</summary>
internal static class LoopbackNames
{
    private const string Localhost = "localhost";
    private const string BelowLocalhost = "." + Localhost;

    /// <summary>Whether a host, an IPv6 address in brackets, is <c>localhost</c>, a name below it, or an address of loopback.</summary>
    public static bool Has(ReadOnlySpan<char> host) => IsLocalhost(host) || (AddressOf(host) is { } address && IPAddress.IsLoopback(address));

    /// <summary>Whether a name is <c>localhost</c> or below it, which always leads to the machine itself. Source: RFC 6761, section 6.3.</summary>
    public static bool IsLocalhost(ReadOnlySpan<char> name) =>
        name.Equals(Localhost, StringComparison.OrdinalIgnoreCase) || (name.Length > BelowLocalhost.Length && name.EndsWith(BelowLocalhost, StringComparison.OrdinalIgnoreCase));

    /// <summary>The address that a host is; null for a name.</summary>
    public static IPAddress? AddressOf(ReadOnlySpan<char> host) =>
        IPAddress.TryParse(host is ['[', .. var inner, ']'] ? inner : host, out IPAddress? address) ? address : null;
}
