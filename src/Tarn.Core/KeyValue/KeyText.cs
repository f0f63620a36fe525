using System.Globalization;
using System.Text;

namespace Tarn.Core.KeyValue;

/// <summary>Keys of rows in messages for people.</summary>
public static class KeyText
{
    /// <summary>More of a key is not printed: an object's key is at most 1,024 bytes.</summary>
    private const int MaxBytes = 1200;

    /// <summary>The key with printable ASCII as it is, and every other byte, and the backslash, as <c>\x00</c>.</summary>
    public static string Of(ReadOnlySpan<byte> key)
    {
        StringBuilder text = new();
        foreach (byte b in key[..Math.Min(key.Length, MaxBytes)])
        {
            _ = b is > 0x20 and < 0x7F and not (byte)'\\' ? text.Append((char)b) : text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        }

        return key.Length > MaxBytes ? text.Append('…').ToString() : text.ToString();
    }
}
