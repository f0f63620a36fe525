using System.Net.Sockets;

namespace Tarn.Core.Policy.Decisions;

/// <summary>
/// Decides whether address ranges together cover nearly everybody: a run of adjacent addresses broader than the broadest range that S3 considers
/// specific (/8 for IPv4, /32 for IPv6), or more than a few such ranges in total. RFC 1918 ranges do not count.
/// Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of public".
/// </summary>
internal static class AddressCover
{
    /// <summary>How many ranges of that broadest size all ranges together may equal.</summary>
    private const int MaxRanges = 4;

    private static readonly UInt128 WidestIpv4 = UInt128.One << (32 - 8);
    private static readonly UInt128 WidestIpv6 = UInt128.One << (128 - 32);

    private static readonly AddressRange[] Private = [Range("10.0.0.0/8"), Range("172.16.0.0/12"), Range("192.168.0.0/16")];

    public static bool IsWide(IEnumerable<AddressRange> ranges)
    {
        AddressRange[] counted = [.. ranges.Where(static range => !Array.Exists(Private, range.IsWithin))];
        return IsWide(counted.Where(static range => range.Family == AddressFamily.InterNetwork), WidestIpv4)
            || IsWide(counted.Where(static range => range.Family == AddressFamily.InterNetworkV6), WidestIpv6);
    }

    private static bool IsWide(IEnumerable<AddressRange> ranges, UInt128 widest)
    {
        UInt128 total = 0;
        (UInt128 First, UInt128 Last)? run = null;
        foreach (AddressRange range in ranges.OrderBy(static range => range.Network))
        {
            if (run is { } going && (range.Network <= going.Last || range.Network - going.Last == 1))
            {
                total -= going.Last - going.First + 1;
                run = (going.First, UInt128.Max(going.Last, range.Last));
            }
            else
            {
                run = (range.Network, range.Last);
            }

            // One less than the number of addresses: that of all of IPv6 does not fit.
            UInt128 span = run.Value.Last - run.Value.First;
            if (span >= widest)
            {
                return true;
            }

            total += span + 1;
            if (total > widest * MaxRanges)
            {
                return true;
            }
        }

        return false;
    }

    private static AddressRange Range(string text) =>
        AddressRange.TryParse(text, out AddressRange range) ? range : throw new ArgumentException(text, nameof(text));
}
