using Tarn.Server.Configuration;

namespace Tarn.Server.Cli;

/// <summary>A duration that a command was given.</summary>
internal static class CliDuration
{
    /// <returns>Seconds; null when none was given.</returns>
    /// <exception cref="CliException">It is not a duration of at least a second.</exception>
    public static long? Seconds(string flag, string? text)
    {
        if (text is null)
        {
            return null;
        }

        return Duration.TryParse(text, out long seconds) ? seconds : throw new CliException($"{flag}: '{text}' is not a duration such as 90s, 15m, 12h or 30d");
    }
}
