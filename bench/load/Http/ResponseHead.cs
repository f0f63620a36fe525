using System.Buffers.Text;

namespace Tarn.Load.Http;

/// <summary>The parts of an HTTP/1.1 response head that decide where its body ends (RFC 9112 §6.3).</summary>
/// <param name="Status">The status code.</param>
/// <param name="ContentLength">Bytes of body, or -1 when there is no Content-Length.</param>
/// <param name="Chunked">The body comes in chunks.</param>
/// <param name="Close">The server closes the connection afterwards.</param>
internal readonly record struct ResponseHead(int Status, long ContentLength, bool Chunked, bool Close)
{
    /// <summary>Parses the head at the start of <paramref name="bytes"/>; false while its end has not been received.</summary>
    /// <exception cref="HttpFormatException">These bytes are not an HTTP/1.x response.</exception>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out ResponseHead head, out int consumed)
    {
        head = default;
        consumed = 0;
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        consumed = end + 4;
        ReadOnlySpan<byte> rest = bytes[..(end + 2)];
        ReadOnlySpan<byte> line = NextLine(ref rest);
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || line[8] != ' '
            || !Utf8Parser.TryParse(line.Slice(9, 3), out int status, out int digits) || digits != 3)
        {
            throw new HttpFormatException("not an HTTP/1.x status line");
        }

        long length = -1;
        bool chunked = false;
        bool close = line[7] == '0';
        while (!rest.IsEmpty)
        {
            line = NextLine(ref rest);
            int colon = line.IndexOf((byte)':');
            if (colon <= 0)
            {
                throw new HttpFormatException("a header line without a name");
            }

            ReadOnlySpan<byte> name = line[..colon];
            ReadOnlySpan<byte> value = line[(colon + 1)..].Trim(" \t"u8);
            if (Is(name, "content-length"u8))
            {
                if (!Utf8Parser.TryParse(value, out length, out int used) || used != value.Length || length < 0)
                {
                    throw new HttpFormatException("Content-Length is not a number");
                }
            }
            else if (Is(name, "transfer-encoding"u8))
            {
                chunked = Is(value, "chunked"u8) ? true : throw new HttpFormatException("an unknown Transfer-Encoding");
            }
            else if (Is(name, "connection"u8))
            {
                close = Is(value, "close"u8) || (close && !Is(value, "keep-alive"u8));
            }
        }

        head = new ResponseHead(status, length, chunked, close);
        return true;
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf("\r\n"u8);
        ReadOnlySpan<byte> line = rest[..end];
        rest = rest[(end + 2)..];
        return line;
    }

    private static bool Is(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> lower) =>
        bytes.Length == lower.Length && System.Text.Ascii.EqualsIgnoreCase(bytes, lower);
}
