using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>Who listens on an address.</summary>
internal enum Listener
{
    Nobody,

    /// <summary>The server that has the data directory.</summary>
    Server,

    /// <summary>Another process.</summary>
    Other,

    /// <summary>Some process; this user may not see whether it is the server.</summary>
    Unseen,
}

/// <summary>The TCP addresses of this machine on which something listens, as the kernel lists them. No port is tried: a server that starts at that moment would not get it.</summary>
internal static class Listening
{
    private const string State = "0A"; // TCP_LISTEN

    /// <summary>Who listens on an address, or on a part of it; null where the kernel does not tell. Source: proc_net(5), proc_pid_fd(5).</summary>
    public static Listener? On(ListenAddress address, Examined examined)
    {
        string? four = examined.Proc.Read("net/tcp"), six = examined.Proc.Read("net/tcp6");
        if (four is null && six is null)
        {
            return null;
        }

        (IPEndPoint Address, string Socket)[] there = [.. Parse(four ?? "").Concat(Parse(six ?? "")).Where(one => address.Port == one.Address.Port && address.Port != 0 && Collides(address, one.Address.Address))];
        return there.Length == 0 ? Listener.Nobody
            : examined.Server is not { } server ? Listener.Other
            : examined.Proc.SocketsOf(server) is not { } own ? Listener.Unseen
            : Array.Exists(there, one => own.Contains(one.Socket)) ? Listener.Server
            : Listener.Other;
    }

    private static bool Collides(ListenAddress wanted, IPAddress other) =>
        wanted.IsEveryAddress || IPAddress.IPv6Any.Equals(wanted.Address)

        // It takes IPv4 too, unless it was told not to, which is not listed.
        || IPAddress.IPv6Any.Equals(other)
        || (wanted.IsLocalhost ? IPAddress.IsLoopback(other) || IPAddress.Any.Equals(other)
            : IPAddress.Any.Equals(wanted.Address) || IPAddress.Any.Equals(other) ? Plain(wanted.Address!).AddressFamily == other.AddressFamily
            : Plain(wanted.Address!).Equals(other));

    //   0: 0100007F:2329 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 123456 …
    private static IEnumerable<(IPEndPoint Address, string Socket)> Parse(string table) =>
        from line in table.Split('\n').Skip(1)
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where fields.Length > 9 && fields[3] == State
        let parts = fields[1].Split(':')
        where parts.Length == 2 && parts[0].Length is 8 or 32
        select (new IPEndPoint(Address(parts[0]), int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)), fields[9]);

    private static IPAddress Address(string hex)
    {
        // Words of four bytes, each in the order of this machine.
        byte[] bytes = Convert.FromHexString(hex);
        if (BitConverter.IsLittleEndian)
        {
            for (int word = 0; word < bytes.Length; word += 4)
            {
                bytes.AsSpan(word, 4).Reverse();
            }
        }

        return Plain(new IPAddress(bytes));
    }

    private static IPAddress Plain(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 && address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
