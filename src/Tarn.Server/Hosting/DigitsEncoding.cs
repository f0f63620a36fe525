using System.Text;

namespace Tarn.Server.Hosting;

/// <summary>
/// Decodes ASCII digits, and anything else as a letter: Kestrel decodes a Content-Length with the configured encoding, and then rejects
/// <c>+5</c>. A length consists of digits only. Source: RFC 9110, section 8.6.
/// </summary>
internal sealed class DigitsEncoding : Encoding
{
    public static readonly DigitsEncoding Instance = new();

    private DigitsEncoding() { }

    public override int GetByteCount(char[] chars, int index, int count) => count;

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        ASCII.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetCharCount(byte[] bytes, int index, int count) => count;

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        if (chars.Length < bytes.Length)
        {
            throw new ArgumentException("The buffer is too small for the number.", nameof(chars));
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            chars[i] = char.IsAsciiDigit((char)bytes[i]) ? (char)bytes[i] : 'x';
        }

        return bytes.Length;
    }

    public override int GetMaxByteCount(int charCount) => charCount;

    public override int GetMaxCharCount(int byteCount) => byteCount;
}
