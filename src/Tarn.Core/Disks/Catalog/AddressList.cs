using System.Net;

namespace Tarn.Core.Disks.Catalog;

/// <summary>The addresses that may read a disk: networks in CIDR notation. An empty list admits every address.</summary>
public sealed class AddressList
{
    private readonly IPNetwork[] _networks;

    private AddressList(IPNetwork[] networks) => _networks = networks;

    /// <summary>The empty list, which admits every address.</summary>
    public static AddressList Any { get; } = new([]);

    /// <summary>Whether the list admits every address.</summary>
    public bool IsAny => _networks.Length == 0;

    /// <summary>The networks as CIDR text, e.g. <c>192.0.2.0/24</c>; a single address has the longest prefix.</summary>
    public IReadOnlyList<string> Networks => [.. _networks.Select(n => n.ToString())];

    /// <summary>Reads addresses and networks; bits beyond a network's prefix are dropped. False when one of them is neither.</summary>
    /// <param name="bad">The first text that cannot be read.</param>
    public static bool TryParse(IEnumerable<string> texts, out AddressList list, out string? bad)
    {
        var networks = new List<IPNetwork>();
        foreach (string text in texts)
        {
            if (!TryParse(text, out IPNetwork network))
            {
                list = Any;
                bad = text;
                return false;
            }

            if (!networks.Contains(network))
            {
                networks.Add(network);
            }
        }

        list = networks.Count == 0 ? Any : new AddressList([.. networks]);
        bad = null;
        return true;
    }

    /// <summary>Whether a request from this address may be served. An unknown address is admitted only where every one is.</summary>
    public bool Admits(IPAddress? address)
    {
        if (IsAny)
        {
            return true;
        }

        if (address is null)
        {
            return false;
        }

        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_networks, network => network.Contains(plain));
    }

    internal static AddressList Parse(IReadOnlyList<string> stored) =>
        TryParse(stored, out AddressList list, out string? bad)
            ? list
            : throw new Records.RecordFormatException($"A disk's record holds {bad}, which is not a network.");

    private static bool TryParse(string text, out IPNetwork network)
    {
        network = default;
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        int slash = rest.IndexOf('/');
        ReadOnlySpan<char> host = slash < 0 ? rest : rest[..slash];

        if (!AddressText.TryParse(host, out IPAddress address))
        {
            return false;
        }

        int longest = address.GetAddressBytes().Length * 8;
        int length = longest;
        if (slash >= 0 && (!int.TryParse(rest[(slash + 1)..], System.Globalization.NumberStyles.None, null, out length) || length > longest))
        {
            return false;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            // Compared as IPv4, as clients' addresses are; a network wider than the mapped range is invalid.
            const int MappedPrefix = 96;
            if (length < MappedPrefix)
            {
                return false;
            }

            (address, longest, length) = (address.MapToIPv4(), longest - MappedPrefix, length - MappedPrefix);
        }

        byte[] bytes = address.GetAddressBytes();

        for (int bit = length; bit < longest; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        network = new IPNetwork(new IPAddress(bytes), length);
        return true;
    }
}
