using System.Buffers;
using System.Globalization;
using System.Net;
using Tarn.Core.Disks.Catalog;

namespace Tarn.Server.Proxies;

/// <summary>
/// The party that a proxy forwards for: an address with or without a port, or one that it does not name (<c>unknown</c>, <c>_hidden</c>).
/// Source: RFC 7239, section 6; for X-Forwarded-For, the practice of proxies.
/// </summary>
/// <param name="Address">The address, never an IPv4 address mapped to IPv6; null if not named.</param>
/// <param name="Port">The port; 0 if unknown.</param>
internal readonly record struct ForwardedNode(IPAddress? Address, int Port)
{
    private static readonly SearchValues<char> ObfuscatedChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <param name="bareIPv6">Whether an IPv6 address may come without brackets, and then without a port.</param>
    public static bool TryParse(ReadOnlySpan<char> text, bool bareIPv6, out ForwardedNode node)
    {
        node = default;
        ReadOnlySpan<char> host = text, port = default;
        bool isIPv6 = text.StartsWith("[");
        if (isIPv6)
        {
            int end = text.IndexOf(']');
            if (end < 0 || (end + 1 < text.Length && text[end + 1] != ':'))
            {
                return false;
            }

            host = text[1..end];
            port = text[(end + 1)..];
        }
        else if (text.Count(':') == 1)
        {
            int colon = text.IndexOf(':');
            host = text[..colon];
            port = text[colon..];
        }
        else if (text.Contains(':'))
        {
            isIPv6 = bareIPv6;
            if (!bareIPv6)
            {
                return false;
            }
        }

        if (!TryParsePort(port, out int number))
        {
            return false;
        }

        if (!isIPv6 && (host.Equals("unknown", StringComparison.OrdinalIgnoreCase) || IsObfuscated(host)))
        {
            return true;
        }

        if (host.Contains('[') || host.Contains(':') != isIPv6 || !AddressText.TryParse(host, out IPAddress address))
        {
            return false;
        }

        node = new ForwardedNode(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, number);
        return true;
    }

    /// <param name="text">Empty, or a colon and a port.</param>
    private static bool TryParsePort(ReadOnlySpan<char> text, out int port)
    {
        port = 0;
        return text.IsEmpty
            || IsObfuscated(text[1..])
            || (int.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= IPEndPoint.MaxPort);
    }

    private static bool IsObfuscated(ReadOnlySpan<char> text) => text.Length > 1 && text[0] == '_' && !text.ContainsAnyExcept(ObfuscatedChars);
}
