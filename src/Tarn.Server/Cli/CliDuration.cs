using Tarn.Server.Configuration;

namespace Tarn.Server.Cli;

/// <summary>Parses durations given on the command line.</summary>
internal static class CliDuration
{
    /// <returns>Seconds; null if the flag was not given.</returns>
    /// <exception cref="CliException">The text is not a duration of at least one second.</exception>
    public static long? Seconds(string flag, string? text)
    {
        if (text is null)
        {
            return null;
        }

        return Duration.TryParse(text, out long seconds) ? seconds : throw new CliException($"{flag}: '{text}' is not a duration such as 90s, 15m, 12h or 30d");
    }
}
