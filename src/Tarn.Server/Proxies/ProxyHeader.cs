using System.Buffers;
using System.Net;

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
    /// <summary>Parses a header of either version.</summary>
    /// <param name="buffer">The data that has arrived.</param>
    /// <param name="header">The header, if it is complete.</param>
    /// <param name="length">The header's length in bytes.</param>
    public static ProxyHeaderState Parse(in ReadOnlySequence<byte> buffer, out ProxyHeader header, out int length)
    {
        (header, length) = (default, 0);
        Span<byte> start = stackalloc byte[(int)Math.Min(buffer.Length, ProxyHeaderBlock.MaxLength)];
        buffer.Slice(0, start.Length).CopyTo(start);
        if (start.IsEmpty)
        {
            return ProxyHeaderState.Incomplete;
        }

        return start[0] == (byte)'P' ? ProxyHeaderLine.Parse(start, out header, out length) : ProxyHeaderBlock.Parse(start, out header, out length);
    }
}
