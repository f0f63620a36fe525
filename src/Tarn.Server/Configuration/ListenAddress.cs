using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Tarn.Server.Configuration;

/// <summary>
/// Where a listener binds: <c>ADDR:PORT</c>, <c>[IPv6]:PORT</c>, <c>localhost:PORT</c> (both loopback addresses), or
/// <c>:PORT</c> and <c>*:PORT</c> (every address, IPv4 and IPv6). Port 0 takes any free port.
/// </summary>
/// <param name="Address">The address; null for <c>localhost</c> and for every address.</param>
/// <param name="IsLocalhost">Both loopback addresses.</param>
/// <param name="Port">0 to 65535.</param>
internal sealed record ListenAddress(IPAddress? Address, bool IsLocalhost, int Port)
{
    public bool IsEveryAddress => Address is null && !IsLocalhost;

    /// <summary>Whether it is reachable from this machine only.</summary>
    public bool IsLoopback => IsLocalhost || (Address is not null && IPAddress.IsLoopback(Address));

    /// <summary>A host, in URL form, that reaches this listener from the same machine.</summary>
    public string LocalHost
    {
        get
        {
            if (Address is null || Address.Equals(IPAddress.Any))
            {
                return IsLocalhost ? "localhost" : "127.0.0.1";
            }

            return Address.Equals(IPAddress.IPv6Any) ? "[::1]"
                : Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{Address}]"
                : Address.ToString();
        }
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? result)
    {
        result = null;
        int colon = text.LastIndexOf(':');
        if (colon < 0
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port > IPEndPoint.MaxPort)
        {
            return false;
        }

        string host = text[..colon];
        if (host is "" or "*")
        {
            result = new ListenAddress(null, false, port);
        }
        else if (host == "localhost")
        {
            // A free port can be requested on one address only: nothing guarantees that it is free on the other too.
            result = port == 0 ? new ListenAddress(IPAddress.Loopback, false, 0) : new ListenAddress(null, true, port);
        }
        else if (host.StartsWith('[') == host.Contains(':') && IPAddress.TryParse(host, out IPAddress? address))
        {
            result = new ListenAddress(address, false, port);
        }

        return result is not null;
    }

    public override string ToString() => Address is null ? $"{(IsLocalhost ? LocalHost : "")}:{Port}" : new IPEndPoint(Address, Port).ToString();
}
