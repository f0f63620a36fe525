using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Tarn.S3.Wire;

/// <summary>
/// Sets Last-Modified so that it is never later than Date: the web server's own Date may be a second old, a file's time may be in the future,
/// and caches use the difference. Source: RFC 9110, section 8.8.2.1.
/// </summary>
internal static class ModifiedTime
{
    private static Second? _last;

    /// <summary>Sets both headers.</summary>
    /// <param name="headers">The answer's.</param>
    /// <param name="modified">When the object was last modified.</param>
    /// <param name="now">The time of the answer, which must not be before the look-up of the object.</param>
    public static void Write(IHeaderDictionary headers, DateTimeOffset modified, DateTimeOffset now)
    {
        string date = Format(now);
        headers.Date = date;
        headers.LastModified = modified > now ? date : HeaderUtilities.FormatDate(modified);
    }

    /// <summary>All answers within a second share one string.</summary>
    private static string Format(DateTimeOffset now)
    {
        long number = now.ToUnixTimeSeconds();
        Second? second = Volatile.Read(ref _last);
        if (second is null || second.Number != number)
        {
            second = new Second(number, HeaderUtilities.FormatDate(now));
            Volatile.Write(ref _last, second);
        }

        return second.Text;
    }

    private sealed record Second(long Number, string Text);
}
