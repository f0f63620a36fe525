using System.Globalization;
using System.Net;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The TCP addresses of this machine on which something listens, as the kernel lists them. No port is tried: a server that starts at that moment would not get it.</summary>
internal static class Listening
{
    private const string State = "0A"; // TCP_LISTEN

    /// <summary>The addresses, or null where the kernel does not tell. Source: proc_net(5).</summary>
    public static IReadOnlyList<IPEndPoint>? On(ProcFiles proc)
    {
        string? four = proc.Read("net/tcp"), six = proc.Read("net/tcp6");
        return four is null && six is null ? null : [.. Parse(four ?? ""), .. Parse(six ?? "")];
    }

    //   0: 0100007F:2329 00000000:0000 0A …
    private static IEnumerable<IPEndPoint> Parse(string table) =>
        from line in table.Split('\n').Skip(1)
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where fields.Length > 3 && fields[3] == State
        let parts = fields[1].Split(':')
        where parts.Length == 2 && parts[0].Length is 8 or 32
        select new IPEndPoint(Address(parts[0]), int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));

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

        return new IPAddress(bytes);
    }
}
