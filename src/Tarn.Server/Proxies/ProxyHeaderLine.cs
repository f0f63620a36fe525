using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tarn.Core.Disks.Catalog;

namespace Tarn.Server.Proxies;

/// <summary>Version 1 of the PROXY header: a line of text.</summary>
internal static class ProxyHeaderLine
{
    /// <summary>The longest line of version 1 in bytes, with its line end.</summary>
    private const int MaxLine = 107;

    /// <summary>Parses the header at the start of a connection's data.</summary>
    /// <param name="start">The data that has arrived.</param>
    /// <param name="header">The header, if it is complete.</param>
    /// <param name="length">The header's length in bytes.</param>
    public static ProxyHeaderState Parse(ReadOnlySpan<byte> start, out ProxyHeader header, out int length)
    {
        (header, length) = (default, 0);
        ReadOnlySpan<byte> name = "PROXY "u8;
        if (!start[..Math.Min(start.Length, name.Length)].SequenceEqual(name[..Math.Min(start.Length, name.Length)]))
        {
            return ProxyHeaderState.Wrong;
        }

        int end = start[..Math.Min(start.Length, MaxLine)].IndexOf("\r\n"u8);
        if (end < 0)
        {
            return start.Length < MaxLine ? ProxyHeaderState.Incomplete : ProxyHeaderState.Wrong;
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
}
