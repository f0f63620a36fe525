using System.Globalization;

namespace Tarn.S3.Auth.SigV4;

/// <summary>Dates as Signature Version 4 writes them: yyyyMMddTHHmmssZ, always UTC.</summary>
internal static class AmzDate
{
    /// <summary>Parses the basic ISO 8601 form, by hand because every request needs it.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset value)
    {
        value = default;
        if (text.Length != 16 || text[8] != 'T' || text[15] != 'Z'
            || !TryDigits(text[..4], out var year) || !TryDigits(text[4..6], out var month)
            || !TryDigits(text[6..8], out var day) || !TryDigits(text[9..11], out var hour)
            || !TryDigits(text[11..13], out var minute) || !TryDigits(text[13..15], out var second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        value = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero);
        return true;
    }

    /// <summary>Parses a Date header (RFC 9110, section 5.6.7).</summary>
    public static bool TryParseHttpDate(string text, out DateTimeOffset value) =>
        DateTimeOffset.TryParseExact(
            text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out value);

    public static string Format(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The extended form that error documents show.</summary>
    public static string FormatExtended(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Whether the text is eight digits, as the date of a credential scope is.</summary>
    public static bool IsScopeDate(ReadOnlySpan<char> text) => text.Length == 8 && TryDigits(text, out _);

    private static bool TryDigits(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            value = (value * 10) + (digit - '0');
        }

        return true;
    }
}
