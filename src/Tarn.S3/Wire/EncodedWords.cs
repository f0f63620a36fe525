using System.Text;
using Tarn.Core.Model;

namespace Tarn.S3.Wire;

/// <summary>
/// User metadata as S3 returns it: ASCII unchanged, other UTF-8 as encoded words, since clients in Go, Java and Rust fail on the raw bytes.
/// Source: Amazon S3 User Guide, "Working with object metadata"; RFC 2047.
/// </summary>
internal static class EncodedWords
{
    /// <summary>An encoded word has at most 75 characters (RFC 2047, section 2), 12 of them for its delimiters.</summary>
    private const int MaxBytes = 45;

    /// <summary>Encodes a header's value. A value that is not UTF-8 is unchanged, since an encoded word could not name its charset.</summary>
    public static string Encode(string value)
    {
        if (Ascii.IsValid(value) || !HeaderText.IsUtf8(value))
        {
            return value;
        }

        var words = new StringBuilder();
        Span<byte> bytes = stackalloc byte[MaxBytes];
        int length = 0;
        foreach (Rune rune in value.EnumerateRunes())
        {
            if (length + rune.Utf8SequenceLength > MaxBytes)
            {
                Append(words, bytes[..length]);
                length = 0;
            }

            length += rune.EncodeToUtf8(bytes[length..]);
        }

        Append(words, bytes[..length]);
        return words.ToString();
    }

    private static void Append(StringBuilder words, ReadOnlySpan<byte> utf8)
    {
        // Decoders remove the space between two encoded words.
        words.Append(words.Length == 0 ? "=?UTF-8?B?" : " =?UTF-8?B?").Append(Convert.ToBase64String(utf8)).Append("?=");
    }
}
