using System.Globalization;
using System.Net;

namespace Tarn.Server.Cli.Accelerators;

/// <summary>How long it is waited before a request is sent again that was not decided: longer each time, and no less than the answer asks for (<c>Retry-After</c>, RFC 9110, section 10.2.3), within bounds.</summary>
internal static class RetryPauses
{
    /// <summary>The longest that an answer may ask for.</summary>
    public static readonly TimeSpan LongestAsked = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250), Longest = TimeSpan.FromSeconds(8);

    /// <summary>Whether an answer decides nothing, and the same request may get another one later.</summary>
    /// <param name="status">HTTP status.</param>
    public static bool IsUndecided(int status) => status is (int)HttpStatusCode.TooManyRequests or >= (int)HttpStatusCode.InternalServerError;

    /// <summary>The pause before the next try.</summary>
    /// <param name="tries">How often it was tried before this time.</param>
    /// <param name="reply">The answer; null if there was none.</param>
    /// <param name="now">The time.</param>
    public static TimeSpan Of(int tries, S3Reply? reply, DateTimeOffset now)
    {
        TimeSpan pause = First * (1 << Math.Min(tries, 5)) is var own && own < Longest ? own : Longest;
        TimeSpan asked = reply?.Headers.GetValueOrDefault("Retry-After") is { } text ? Asked(text, now) : TimeSpan.Zero;
        asked = asked < LongestAsked ? asked : LongestAsked;
        return asked > pause ? asked : pause;
    }

    private static TimeSpan Asked(string text, DateTimeOffset now) =>
        double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out double seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, LongestAsked.TotalSeconds))
        : DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset at) ? at - now
        : TimeSpan.Zero;
}
