using System.Globalization;

namespace Tarn.Server.Configuration;

/// <summary>A number of bytes as people write it: <c>512MiB</c>, <c>200GiB</c>, <c>1.5TiB</c>, <c>2TB</c>.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ];

    /// <summary>Reads a size, which has a unit.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        foreach ((string unit, long size) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && decimal.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
                && number is > 0 and < 1_000_000)
            {
                bytes = (long)(number * size);
                return true;
            }
        }

        return false;
    }
}
