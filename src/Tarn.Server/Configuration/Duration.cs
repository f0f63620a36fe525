using System.Globalization;

namespace Tarn.Server.Configuration;

/// <summary>Parses durations in settings and on the command line: a number of seconds, or a number followed by s, m, h or d.</summary>
internal static class Duration
{
    /// <summary>Parses a duration of at least one second.</summary>
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
