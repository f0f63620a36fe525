using System.Buffers;
using System.Globalization;
using System.Net;
using Tarn.Core.Disks.Catalog;

namespace Tarn.Server.Proxies;

/// <summary>Checks and takes apart the value of a Host header. Source: RFC 9110, section 7.2.</summary>
internal static class ForwardedHost
{
    private static readonly SearchValues<char> NameChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");

    /// <summary>Whether it is a name, an IPv4 address or an IPv6 address in brackets, with or without a port.</summary>
    public static bool IsValid(string text)
    {
        string name = NameOf(text);
        return name.Length is > 0 and <= 253
            && (name.StartsWith('[')
                ? name.EndsWith(']') && AddressText.TryParse(name.AsSpan(1, name.Length - 2), out _)
                : !name.AsSpan().ContainsAnyExcept(NameChars))
            && (name.Length == text.Length
                || (int.TryParse(text.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
                    && port is > 0 and <= IPEndPoint.MaxPort));
    }

    /// <summary>The host without its port.</summary>
    public static string NameOf(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > text.LastIndexOf(']') ? text[..colon] : text;
    }

    /// <summary>The port of a valid one; null without one.</summary>
    public static int? PortOf(string text)
    {
        string name = NameOf(text);
        return name.Length < text.Length ? int.Parse(text.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture) : null;
    }

    public static bool HasPort(string text) => NameOf(text).Length < text.Length;
}
