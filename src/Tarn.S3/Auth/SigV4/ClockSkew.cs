using Tarn.Core.Errors;

namespace Tarn.S3.Auth.SigV4;

/// <summary>The largest accepted difference between the client's clock and the server's.</summary>
internal static class ClockSkew
{
    /// <summary>Source: Amazon S3 API Reference, "List of error codes", RequestTimeTooSkewed.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromMinutes(15);

    /// <param name="timestamp">When the request was signed, as sent.</param>
    /// <param name="signedAt">The same, parsed.</param>
    /// <param name="now">The server's time.</param>
    /// <exception cref="S3Exception">RequestTimeTooSkewed.</exception>
    public static void ThrowIfTooSkewed(string timestamp, DateTimeOffset signedAt, DateTimeOffset now)
    {
        if ((signedAt - now).Duration() > Max)
        {
            throw AuthErrors.TooSkewed(timestamp, now, Max);
        }
    }
}
