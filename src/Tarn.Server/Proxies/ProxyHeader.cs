using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tarn.Core.Disks.Catalog;

namespace Tarn.Server.Proxies;

/// <summary>The result of parsing a PROXY header.</summary>
internal enum ProxyHeaderState
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>The header is complete.</summary>
    Read,

    /// <summary>The data does not begin with a valid header.</summary>
    Wrong,
}

/// <summary>
/// A PROXY header, with which a proxy describes a connection before its first byte. Source: HAProxy, "The PROXY protocol, versions 1 &amp; 2"
/// (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt).
/// </summary>
/// <param name="Client">The client; null if the proxy speaks for itself (a health check) or does not name it.</param>
/// <param name="IsLocal">Whether the proxy speaks for itself.</param>
/// <param name="IsTls">Whether the client used TLS to the proxy; null if not stated.</param>
internal readonly record struct ProxyHeader(IPEndPoint? Client, bool IsLocal, bool? IsTls)
{
    /// <summary>The longest line of version 1 in bytes, with its line end.</summary>
    private const int LongestLine = 107;

    /// <summary>The length of a header of version 2 before its addresses, in bytes.</summary>
    private const int FixedPart = 16;

    /// <summary>The maximum length of addresses and extensions, in bytes; they may include the name of a TLS certificate.</summary>
    private const int MostExtra = 4096;

    private const byte TypeTls = 0x20;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Parses a header of either version.</summary>
    /// <param name="buffer">The data that has arrived.</param>
    /// <param name="header">The header, if it is complete.</param>
    /// <param name="length">The header's length in bytes.</param>
    public static ProxyHeaderState Parse(in ReadOnlySequence<byte> buffer, out ProxyHeader header, out int length)
    {
        (header, length) = (default, 0);
        Span<byte> start = stackalloc byte[(int)Math.Min(buffer.Length, FixedPart + MostExtra)];
        buffer.Slice(0, start.Length).CopyTo(start);
        if (start.IsEmpty)
        {
            return ProxyHeaderState.Incomplete;
        }

        return start[0] == (byte)'P' ? ParseLine(start, out header, out length) : ParseBinary(start, out header, out length);
    }

    private static ProxyHeaderState ParseLine(ReadOnlySpan<byte> start, out ProxyHeader header, out int length)
    {
        (header, length) = (default, 0);
        ReadOnlySpan<byte> name = "PROXY "u8;
        if (!start[..Math.Min(start.Length, name.Length)].SequenceEqual(name[..Math.Min(start.Length, name.Length)]))
        {
            return ProxyHeaderState.Wrong;
        }

        int end = start[..Math.Min(start.Length, LongestLine)].IndexOf("\r\n"u8);
        if (end < 0)
        {
            return start.Length < LongestLine ? ProxyHeaderState.Incomplete : ProxyHeaderState.Wrong;
        }

        length = end + 2;
        string[] words = Encoding.ASCII.GetString(start[name.Length..end]).Split(' ');
        if (words[0] == "UNKNOWN")
        {
            return ProxyHeaderState.Read;
        }

        if (words is not [var family and ("TCP4" or "TCP6"), var source, var destination, var port, var toPort]
            || !TryParse(family, source, port, out IPEndPoint? client)
            || !TryParse(family, destination, toPort, out _))
        {
            return ProxyHeaderState.Wrong;
        }

        header = new ProxyHeader(client, false, null);
        return ProxyHeaderState.Read;
    }

    private static bool TryParse(string family, string address, string port, out IPEndPoint? point)
    {
        point = null;
        if (!AddressText.TryParse(address, out IPAddress parsed)
            || (parsed.AddressFamily == AddressFamily.InterNetwork) != (family == "TCP4")
            || !int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number > IPEndPoint.MaxPort)
        {
            return false;
        }

        point = new IPEndPoint(parsed, number);
        return true;
    }

    private static ProxyHeaderState ParseBinary(ReadOnlySpan<byte> start, out ProxyHeader header, out int length)
    {
        (header, length) = (default, 0);
        int known = Math.Min(start.Length, Signature.Length);
        if (!start[..known].SequenceEqual(Signature[..known]))
        {
            return ProxyHeaderState.Wrong;
        }

        if (start.Length < FixedPart)
        {
            return ProxyHeaderState.Incomplete;
        }

        int version = start[12] >> 4, command = start[12] & 0xF, family = start[13] >> 4;
        int extra = BinaryPrimitives.ReadUInt16BigEndian(start[14..]);
        if (version != 2 || command > 1 || family > 3 || (start[13] & 0xF) > 2 || extra > MostExtra)
        {
            return ProxyHeaderState.Wrong;
        }

        if (start.Length < FixedPart + extra)
        {
            return ProxyHeaderState.Incomplete;
        }

        length = FixedPart + extra;
        ReadOnlySpan<byte> rest = start.Slice(FixedPart, extra);
        if (command == 0)
        {
            header = new ProxyHeader(null, true, null);
            return ProxyHeaderState.Read;
        }

        // Only the families IPv4 and IPv6 name a client, UNIX and unspecified do not.
        int addresses = family switch { 1 => 12, 2 => 36, 3 => 216, _ => 0 };
        if (rest.Length < addresses)
        {
            return ProxyHeaderState.Wrong;
        }

        IPEndPoint? client = family switch
        {
            1 => new IPEndPoint(new IPAddress(rest[..4]), BinaryPrimitives.ReadUInt16BigEndian(rest[8..])),
            2 => new IPEndPoint(new IPAddress(rest[..16]), BinaryPrimitives.ReadUInt16BigEndian(rest[32..])),
            _ => null,
        };
        if (client is { Address.IsIPv4MappedToIPv6: true })
        {
            client.Address = client.Address.MapToIPv4();
        }

        // Without a family the rest is undefined.
        if (!TryFindTls(family == 0 ? default : rest[addresses..], out bool? isTls))
        {
            return ProxyHeaderState.Wrong;
        }

        header = new ProxyHeader(client, false, isTls);
        return ProxyHeaderState.Read;
    }

    /// <summary>Searches the extensions for the one about TLS. False if they are truncated.</summary>
    private static bool TryFindTls(ReadOnlySpan<byte> extensions, out bool? isTls)
    {
        isTls = null;
        while (!extensions.IsEmpty)
        {
            if (extensions.Length < 3)
            {
                return false;
            }

            int size = BinaryPrimitives.ReadUInt16BigEndian(extensions[1..]);
            if (extensions.Length < 3 + size)
            {
                return false;
            }

            if (extensions[0] == TypeTls)
            {
                if (size < 5)
                {
                    return false;
                }

                isTls = (extensions[3] & 1) != 0;
            }

            extensions = extensions[(3 + size)..];
        }

        return true;
    }
}
