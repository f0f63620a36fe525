using System.Text;

namespace Tarn.S3.Routing;

/// <summary>Removes percent-encoding once and requires UTF-8. Source: RFC 3986, section 2.1.</summary>
internal static class PercentDecoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Decodes into <paramref name="destination"/>, which must have room for <see cref="MaxBytes"/> of the text.
    /// Returns the number of bytes, or -1 when a percent sign is not followed by two hex digits.
    /// The bytes are not checked to be UTF-8.
    /// </summary>
    public static int Decode(ReadOnlySpan<char> text, Span<byte> destination, bool plusIsSpace)
    {
        int written = 0;
        while (!text.IsEmpty)
        {
            char c = text[0];
            if (c == '%')
            {
                if (text.Length < 3 || !char.IsAsciiHexDigit(text[1]) || !char.IsAsciiHexDigit(text[2]))
                {
                    return -1;
                }

                destination[written++] = (byte)((HexValue(text[1]) << 4) | HexValue(text[2]));
                text = text[3..];
            }
            else if (c == '+' && plusIsSpace)
            {
                destination[written++] = (byte)' ';
                text = text[1..];
            }
            else if (c < 0x80)
            {
                destination[written++] = (byte)c;
                text = text[1..];
            }
            else
            {
                if (Rune.DecodeFromUtf16(text, out Rune rune, out int consumed) != System.Buffers.OperationStatus.Done)
                {
                    return -1;
                }

                written += rune.EncodeToUtf8(destination[written..]);
                text = text[consumed..];
            }
        }

        return written;
    }

    /// <summary>The maximum number of bytes that this many characters can decode to.</summary>
    public static int MaxBytes(int characters) => characters * 3;

    /// <summary>Decodes to text. Null when the encoding is malformed or the bytes are not UTF-8.</summary>
    public static string? DecodeToString(ReadOnlySpan<char> text, bool plusIsSpace)
    {
        if (text.IndexOfAny('%', '+') < 0 && System.Text.Ascii.IsValid(text))
        {
            return text.ToString();
        }

        int most = MaxBytes(text.Length);
        byte[]? rented = null;
        Span<byte> bytes = most <= 768 ? stackalloc byte[768] : (rented = System.Buffers.ArrayPool<byte>.Shared.Rent(most));
        try
        {
            int length = Decode(text, bytes, plusIsSpace);
            return length < 0 || !System.Text.Unicode.Utf8.IsValid(bytes[..length]) ? null : Strict.GetString(bytes[..length]);
        }
        finally
        {
            if (rented is not null)
            {
                System.Buffers.ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private static int HexValue(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
