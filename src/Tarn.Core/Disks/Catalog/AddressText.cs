using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Tarn.Core.Disks.Catalog;

/// <summary>
/// Parses addresses in unambiguous notation only. <see cref="IPAddress"/> also takes <c>1</c>, <c>0x7f.1</c>, <c>010.0.0.1</c> (which is
/// 8.0.0.1 to it) and the like, which must not appear in rules about who may read.
/// </summary>
public static class AddressText
{
    private static readonly SearchValues<char> Dotted = SearchValues.Create("0123456789.");

    /// <summary>Reads four decimal numbers without leading zeros, or IPv6 without a zone. False when it is neither.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IPAddress address)
    {
        bool isDotted = text.Count('.') == 3 && !text.ContainsAnyExcept(Dotted) && !HasLeadingZero(text);
        if ((isDotted || text.Contains(':')) && !text.Contains('%') && IPAddress.TryParse(text, out IPAddress? parsed)
            && parsed.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
        {
            address = parsed;
            return true;
        }

        address = IPAddress.None;
        return false;
    }

    private static bool HasLeadingZero(ReadOnlySpan<char> dotted)
    {
        for (int i = 0; i + 1 < dotted.Length; i++)
        {
            if (dotted[i] == '0' && dotted[i + 1] != '.' && (i == 0 || dotted[i - 1] == '.'))
            {
                return true;
            }
        }

        return false;
    }
}
