using System.Globalization;

namespace Tarn.S3.Wire;

/// <summary>Times in headers. Source: RFC 9110, section 5.6.7.</summary>
internal static class HttpDate
{
    private static readonly string[] Forms =
    [
        "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        "ddd, d MMM yyyy HH:mm:ss 'GMT'",
        "dddd, dd-MMM-yy HH:mm:ss 'GMT'",
        "ddd MMM d HH:mm:ss yyyy",
        "ddd MMM dd HH:mm:ss yyyy",
    ];

    /// <summary>Reads the three forms that HTTP has had. False for anything else.</summary>
    public static bool TryParse(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(
            text, Forms, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces, out time);

    /// <summary>The form that is sent; the fraction of the second is lost.</summary>
    public static string Format(DateTimeOffset time) => time.ToString("r", CultureInfo.InvariantCulture);
}
