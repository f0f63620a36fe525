using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tarn.Core.Policy.Decisions;

/// <summary>A range of IPv4 or IPv6 addresses in CIDR notation. Source: RFC 4632; for IPv6 RFC 4291.</summary>
internal readonly record struct AddressRange(UInt128 Network, int PrefixLength, AddressFamily Family)
{
    private const int Ipv4Bits = 32;
    private const int Ipv6Bits = 128;

    /// <summary>Parses an address or a CIDR range. Bits beyond the prefix are ignored, as AWS does.</summary>
    public static bool TryParse(string text, out AddressRange range)
    {
        range = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string written = slash < 0 ? text : text[..slash];
        if (!IPAddress.TryParse(written, out IPAddress? address) || address.ScopeIdOrZero() != 0)
        {
            return false;
        }

        // "10" and "0x0a.1" are addresses to the operating system, not to those who write policies.
        bool ipv4 = address.AddressFamily == AddressFamily.InterNetwork;
        if (ipv4 && address.ToString() != written)
        {
            return false;
        }

        int bits = ipv4 ? Ipv4Bits : Ipv6Bits;
        int length = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
        {
            return false;
        }

        if (address.IsIPv4MappedToIPv6 && length >= Ipv6Bits - Ipv4Bits)
        {
            // IPv4-mapped addresses are compared as IPv4 addresses, as clients' addresses are.
            (address, bits, length) = (address.MapToIPv4(), Ipv4Bits, length - (Ipv6Bits - Ipv4Bits));
        }

        range = new AddressRange(Bits(address) & Mask(bits, length), length, address.AddressFamily);
        return true;
    }

    public bool Contains(IPAddress address) =>
        address.AddressFamily == Family && (Bits(address) & Mask(Bits(Family), PrefixLength)) == Network;

    public bool IsWithin(AddressRange other) => Family == other.Family && Network >= other.Network && Last <= other.Last;

    /// <summary>The last address of the range.</summary>
    public UInt128 Last => Network | ~Mask(Bits(Family), PrefixLength) & (Family == AddressFamily.InterNetwork ? uint.MaxValue : UInt128.MaxValue);

    private static int Bits(AddressFamily family) => family == AddressFamily.InterNetwork ? Ipv4Bits : Ipv6Bits;

    private static UInt128 Mask(int bits, int length) => length == 0 ? 0 : (UInt128.MaxValue << (bits - length));

    private static UInt128 Bits(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[Ipv6Bits / 8];
        address.TryWriteBytes(bytes, out int written);
        UInt128 value = 0;
        foreach (byte part in bytes[..written])
        {
            value = (value << 8) | part;
        }

        return value;
    }
}

internal static class AddressScope
{
    /// <summary>The zone of an IPv6 address, which no range can have.</summary>
    public static long ScopeIdOrZero(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}
