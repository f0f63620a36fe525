using System.Text;
using Tarn.Core.Model;

namespace Tarn.S3.Wire;

/// <summary>
/// How the web server reads and writes the headers that are stored with objects: bytes that are no UTF-8 come in, are kept, and go out as
/// they came.
/// </summary>
public sealed class HeaderTextEncoding : Encoding
{
    private static readonly HeaderTextEncoding Instance = new();

    private HeaderTextEncoding()
    {
    }

    /// <summary>For <c>KestrelServerOptions.RequestHeaderEncodingSelector</c>; null: the server's own, which refuses what is no UTF-8.</summary>
    public static Encoding? OfRequest(string name) => StoredHeaders.Contains(name) ? Instance : null;

    /// <summary>For <c>KestrelServerOptions.ResponseHeaderEncodingSelector</c>. For every header, since Kestrel does not name all that it knows when it asks.</summary>
    public static Encoding OfResponse(string name) => Instance;

    // Kestrel works on spans. What these overloads do by default is to copy both sides into arrays.
    public override int GetByteCount(ReadOnlySpan<char> chars) => HeaderText.GetByteCount(chars);

    public override int GetBytes(ReadOnlySpan<char> chars, Span<byte> bytes) => HeaderText.Encode(chars, bytes);

    public override int GetByteCount(char[] chars, int index, int count) => HeaderText.GetByteCount(chars.AsSpan(index, count));

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        HeaderText.Encode(chars.AsSpan(charIndex, charCount), bytes.AsSpan(byteIndex));

    public override int GetCharCount(byte[] bytes, int index, int count) => HeaderText.Decode(bytes.AsSpan(index, count)).Length;

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        string text = HeaderText.Decode(bytes.AsSpan(byteIndex, byteCount));
        text.CopyTo(chars.AsSpan(charIndex));
        return text.Length;
    }

    public override int GetMaxByteCount(int charCount) => UTF8.GetMaxByteCount(charCount);

    public override int GetMaxCharCount(int byteCount) => UTF8.GetMaxCharCount(byteCount);
}
