using System.Buffers.Binary;
using System.Net;

namespace Tarn.Server.Proxies;

/// <summary>Version 2 of the PROXY header: a binary block.</summary>
internal static class ProxyHeaderBlock
{
    /// <summary>The length of a header of version 2 before its addresses, in bytes.</summary>
    private const int FixedPart = 16;

    /// <summary>The maximum length of addresses and extensions, in bytes; they may include the name of a TLS certificate.</summary>
    private const int MaxExtra = 4096;

    /// <summary>The maximum length of a header, in bytes.</summary>
    public const int MaxLength = FixedPart + MaxExtra;

    private const byte TypeTls = 0x20;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Parses the header at the start of a connection's data.</summary>
    /// <param name="start">The data that has arrived.</param>
    /// <param name="header">The header, if it is complete.</param>
    /// <param name="length">The header's length in bytes.</param>
    public static ProxyHeaderState Parse(ReadOnlySpan<byte> start, out ProxyHeader header, out int length)
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
        if (version != 2 || command > 1 || family > 3 || (start[13] & 0xF) > 2 || extra > MaxExtra)
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
