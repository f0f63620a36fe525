using System.Globalization;

namespace Tarn.Server.Cli;

/// <summary>A duration on the command line: a number of seconds, or a number with s, m, h or d.</summary>
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

        return TryParse(text, out long seconds) ? seconds : throw new CliException($"{flag}: '{text}' is not a duration such as 90s, 15m, 12h or 30d");
    }

    /// <summary>Reads a duration of at least a second.</summary>
    public static bool TryParse(string text, out long seconds)
    {
        (string number, long unit) = text switch
        {
            [.. var head, 's'] => (head, 1L),
            [.. var head, 'm'] => (head, 60),
            [.. var head, 'h'] => (head, 3600),
            [.. var head, 'd'] => (head, 86_400),
            _ => (text, 1),
        };
        bool isNumber = long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count is > 0 and < 10_000_000_000;
        seconds = isNumber ? count * unit : 0;
        return isNumber;
    }
}
