using System.Buffers;
using System.Text;

namespace Tarn.Server.Accelerator.Upstream;

/// <summary>Reads the bytes of a head, strictly: what two readers could understand in two ways is refused. Source: RFC 9112, sections 2 to 5.</summary>
internal static class HeadParser
{
    /// <summary>The maximum number of headers.</summary>
    public const int MaxHeaders = 1024;

    private static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> NotInValues = SearchValues.Create("\r\n\0"u8);

    /// <summary>Whether a text, one byte a character, is the name of a header or a method.</summary>
    public static bool IsToken(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (c > 0x7f || !Token.Contains((byte)c))
            {
                return false;
            }
        }

        return !text.IsEmpty;
    }

    /// <summary>Reads a head, with the empty line that ends it.</summary>
    /// <exception cref="UpstreamException">It is malformed.</exception>
    public static ResponseHead Response(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> line = NextLine(ref head);

        // "HTTP/1.1 200 OK", "HTTP/1.1 200 " and, from some servers, "HTTP/1.1 200".
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || line[7] is not ((byte)'0' or (byte)'1') || line[8] != ' '
            || !IsDigits(line[9..12]) || line[9] == '0' || (line.Length > 12 && line[12] != ' ') || line.ContainsAny(NotInValues))
        {
            throw new UpstreamException("The upstream's answer is not of HTTP/1.1.");
        }

        int status = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + line[11] - '0';
        return new ResponseHead(line[7] == '1', status, line.Length > 13 ? Encoding.Latin1.GetString(line[13..]) : "", Headers(head));
    }

    /// <summary>Reads headers or trailers, with the empty line that ends them.</summary>
    /// <exception cref="UpstreamException">They are malformed.</exception>
    public static List<KeyValuePair<string, string>> Headers(ReadOnlySpan<byte> lines)
    {
        var headers = new List<KeyValuePair<string, string>>(16);
        while (true)
        {
            ReadOnlySpan<byte> line = NextLine(ref lines);
            if (line.IsEmpty)
            {
                return headers;
            }

            int colon = line.IndexOf((byte)':');
            if (colon <= 0 || line[..colon].ContainsAnyExcept(Token) || line[(colon + 1)..].ContainsAny(NotInValues) || headers.Count == MaxHeaders)
            {
                throw new UpstreamException("The upstream's answer has a malformed header, or too many.");
            }

            headers.Add(new(Encoding.Latin1.GetString(line[..colon]), Encoding.Latin1.GetString(line[(colon + 1)..].Trim(" \t"u8))));
        }
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf("\r\n"u8);
        if (end < 0)
        {
            throw new UpstreamException("The upstream's answer has a malformed line.");
        }

        ReadOnlySpan<byte> line = rest[..end];
        rest = rest[(end + 2)..];
        return line;
    }

    private static bool IsDigits(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
