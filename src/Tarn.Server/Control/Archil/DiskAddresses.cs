using Tarn.Core.Disks.Catalog;

namespace Tarn.Server.Control.Archil;

/// <summary>Converts address lists to and from JSON. A single address has no prefix length, so that clients recognize it.</summary>
internal static class DiskAddresses
{
    /// <summary>The maximum number of networks in a list: every request is compared with each.</summary>
    private const int Max = 1000;

    public static IReadOnlyList<string> Show(AddressList list) => [.. list.Networks.Select(Show)];

    /// <exception cref="ControlRefusalException">400: there are too many, or one is neither an address nor a network.</exception>
    public static AddressList Read(IReadOnlyList<string>? texts) =>
        texts is null ? AddressList.Any
        : texts.Count > Max ? throw ControlRefusalException.BadRequest($"allowedIps may have at most {Max} entries")
        : AddressList.TryParse(texts, out AddressList list, out string? bad) ? list
        : throw ControlRefusalException.BadRequest($"'{bad}' is neither an address nor a network in CIDR notation");

    private static string Show(string network)
    {
        string whole = network.Contains(':', StringComparison.Ordinal) ? "/128" : "/32";
        return network.EndsWith(whole, StringComparison.Ordinal) ? network[..^whole.Length] : network;
    }
}
