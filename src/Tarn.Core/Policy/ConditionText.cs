using System.Globalization;

namespace Tarn.Core.Policy;

/// <summary>
/// How numbers, times, flags and bytes are written in policies and requests. Source: IAM User Guide, "IAM JSON policy elements: Condition
/// operators".
/// </summary>
internal static class ConditionText
{
    // The W3C profile of ISO 8601 (the note "Date and Time Formats"), which the IAM User Guide refers to.
    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-ddTHH:mmK", "yyyy-MM-dd", "yyyy-MM", "yyyyMMdd'T'HHmmss'Z'",
    ];

    public static bool TryNumber(string text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    /// <summary>A date and time, or seconds since 1970.</summary>
    public static bool TryTime(string text, out DateTimeOffset time)
    {
        if (text.Length != 8 && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds))
        {
            bool inRange = seconds is >= -62_135_596_800 and <= 253_402_300_799;
            time = inRange ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
            return inRange;
        }

        return DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    public static bool? Flag(string text) =>
        text.Equals("true", StringComparison.OrdinalIgnoreCase) ? true
        : text.Equals("false", StringComparison.OrdinalIgnoreCase) ? false
        : null;

    /// <summary>Decodes Base64; null when the text is invalid.</summary>
    public static byte[]? Bytes(string text)
    {
        byte[] bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out int length) ? bytes[..length] : null;
    }
}
