using System.Globalization;

namespace Tarn.Load.Options;

/// <summary>Reads sizes (4KiB, 64MiB, 5MB, 100) and durations (500ms, 10s, 2m) from the command line.</summary>
internal static class Units
{
    private static readonly (string Suffix, long Factor)[] Sizes =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1), ("", 1),
    ];

    private static readonly (string Suffix, double Seconds)[] Durations = [("ms", 0.001), ("s", 1), ("m", 60), ("", 1)];

    /// <exception cref="UsageException">Not a size in bytes.</exception>
    public static long Bytes(string text)
    {
        foreach ((string suffix, long factor) in Sizes)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && decimal.TryParse(text[..^suffix.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
                && number < long.MaxValue / factor)
            {
                return (long)(number * factor);
            }
        }

        throw new UsageException($"'{text}' is not a size, such as 4KiB");
    }

    /// <exception cref="UsageException">Not a duration.</exception>
    public static TimeSpan Duration(string text)
    {
        foreach ((string suffix, double seconds) in Durations)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && double.TryParse(text[..^suffix.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
                && number * seconds < 86_400)
            {
                return TimeSpan.FromSeconds(number * seconds);
            }
        }

        throw new UsageException($"'{text}' is not a duration under a day, such as 10s");
    }
}
