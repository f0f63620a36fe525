using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Tarn.Core.Acceleration;

/// <summary>What names of accelerators, zones and domains may be.</summary>
public static class AcceleratorNames
{
    /// <summary>Longest name of an accelerator or a zone, and longest label of a domain, in characters.</summary>
    public const int MaxNameLength = 63;

    /// <summary>Longest domain, in characters. Source: RFC 1035, section 2.3.4.</summary>
    public const int MaxDomainLength = 253;

    /// <summary>The zone of accelerators that name none.</summary>
    public const string DefaultZone = "default";

    private static readonly SearchValues<char> OfNames = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    private static readonly SearchValues<char> OfLabels = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Whether a text can be the name of an accelerator or a zone: <c>[A-Za-z0-9._-]{1,63}</c>.</summary>
    public static bool IsName(ReadOnlySpan<char> text) => text.Length is > 0 and <= MaxNameLength && !text.ContainsAnyExcept(OfNames);

    /// <summary>The name for an accelerator on a machine of a name: that, or, where it is too long, its beginning, a hyphen and eight hexadecimal digits of its SHA-256.</summary>
    /// <param name="machine">Up to <see cref="MaxDomainLength"/> characters.</param>
    /// <returns>Null when it has other characters, none, or too many.</returns>
    public static string? OfMachine(string machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        if (machine.Length is 0 or > MaxDomainLength || machine.AsSpan().ContainsAnyExcept(OfNames))
        {
            return null;
        }

        if (machine.Length <= MaxNameLength)
        {
            return machine;
        }

        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(machine)).AsSpan(0, 4));
        return $"{machine[..(MaxNameLength - 1 - hash.Length)]}-{hash}";
    }

    /// <summary>Whether a text is a DNS name in lower case, without a dot at its end.</summary>
    public static bool IsDomain(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxDomainLength)
        {
            return false;
        }

        foreach (Range part in text.Split('.'))
        {
            ReadOnlySpan<char> label = text[part];
            if (label.Length is 0 or > MaxNameLength || label[0] == '-' || label[^1] == '-' || label.ContainsAnyExcept(OfLabels))
            {
                return false;
            }
        }

        return true;
    }
}
