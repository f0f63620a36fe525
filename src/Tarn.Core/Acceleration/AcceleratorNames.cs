using System.Buffers;

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
