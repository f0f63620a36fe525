using System.Text;
using Tarn.Core.Model;

namespace Tarn.S3.Wire;

/// <summary>
/// The encoding with which the web server reads and writes the headers that are stored with objects: bytes that are not UTF-8 are kept and sent as
/// they arrived.
/// </summary>
public sealed class HeaderTextEncoding : Encoding
{
    private static readonly HeaderTextEncoding Instance = new();

    private HeaderTextEncoding()
    {
    }

    /// <summary>For <c>KestrelServerOptions.RequestHeaderEncodingSelector</c>; null: the server's default, which refuses malformed UTF-8.</summary>
    public static Encoding? OfRequest(string name) => StoredHeaders.Contains(name) ? Instance : null;

    /// <summary>For <c>KestrelServerOptions.ResponseHeaderEncodingSelector</c>. Applies to every header, since Kestrel does not pass the names of all the headers that it knows.</summary>
    public static Encoding OfResponse(string name) => Instance;

    // Kestrel uses the span overloads, which by default copy both sides into arrays.
    /// <inheritdoc/>
    public override int GetByteCount(ReadOnlySpan<char> chars) => HeaderText.GetByteCount(chars);

    /// <inheritdoc/>
    public override int GetBytes(ReadOnlySpan<char> chars, Span<byte> bytes) => HeaderText.Encode(chars, bytes);

    /// <inheritdoc/>
    public override int GetByteCount(char[] chars, int index, int count) => HeaderText.GetByteCount(chars.AsSpan(index, count));

    /// <inheritdoc/>
    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        HeaderText.Encode(chars.AsSpan(charIndex, charCount), bytes.AsSpan(byteIndex));

    /// <inheritdoc/>
    public override int GetCharCount(byte[] bytes, int index, int count) => HeaderText.Decode(bytes.AsSpan(index, count)).Length;

    /// <inheritdoc/>
    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        string text = HeaderText.Decode(bytes.AsSpan(byteIndex, byteCount));
        text.CopyTo(chars.AsSpan(charIndex));
        return text.Length;
    }

    /// <inheritdoc/>
    public override int GetMaxByteCount(int charCount) => UTF8.GetMaxByteCount(charCount);

    /// <inheritdoc/>
    public override int GetMaxCharCount(int byteCount) => UTF8.GetMaxCharCount(byteCount);
}
