using System.Buffers;
using System.Text;

namespace Tarn.S3.Auth.SigV4;

/// <summary>
/// S3's UriEncode over a request target as sent: one decode, one encode, no normalization, so that a client that
/// escaped more or fewer characters than S3 still canonicalizes to what it signed.
/// Source: "Create a signed AWS API request: canonical request", UriEncode().
/// </summary>
internal static class UriEncoding
{
    private const string EscapedSlash = "%2F";

    private static ReadOnlySpan<byte> UpperHex => "0123456789ABCDEF"u8;

    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    private static readonly SearchValues<char> UnreservedOrSlash =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/");

    /// <summary>Encodes a path as a client may have signed it. In the form tried first, '/' stays and an escaped slash stays escaped.</summary>
    public static void AppendPath(ref PooledBytes output, scoped ReadOnlySpan<char> rawPath, PathForm form = PathForm.Escaped)
    {
        if (form == PathForm.Verbatim)
        {
            output.AppendUtf8(rawPath);
            return;
        }

        if (form == PathForm.Decoded)
        {
            for (int slash; (slash = rawPath.IndexOf(EscapedSlash, StringComparison.OrdinalIgnoreCase)) >= 0; rawPath = rawPath[(slash + EscapedSlash.Length)..])
            {
                Append(ref output, rawPath[..slash], UnreservedOrSlash);
                output.Append((byte)'/');
            }
        }

        Append(ref output, rawPath, UnreservedOrSlash);
    }

    /// <summary>Whether this form of a path may differ from the one tried first.</summary>
    public static bool IsAnother(scoped ReadOnlySpan<char> rawPath, PathForm form) => form switch
    {
        PathForm.Decoded => rawPath.Contains(EscapedSlash, StringComparison.OrdinalIgnoreCase),
        PathForm.Verbatim => rawPath.ContainsAnyExcept(UnreservedOrSlash),
        _ => false,
    };

    /// <summary>
    /// Encodes a query name or value: everything but the unreserved characters is escaped. A bare '+' is a space, as where the
    /// query is parsed: if it were signed as a plus sign, it could replace a signed %2B and change the request's meaning.
    /// </summary>
    public static void AppendQueryPart(ref PooledBytes output, scoped ReadOnlySpan<char> raw)
    {
        for (int plus; (plus = raw.IndexOf('+')) >= 0; raw = raw[(plus + 1)..])
        {
            Append(ref output, raw[..plus], Unreserved);
            output.AppendAscii("%20");
        }

        Append(ref output, raw, Unreserved);
    }

    private static void Append(ref PooledBytes output, scoped ReadOnlySpan<char> raw, SearchValues<char> literal)
    {
        while (!raw.IsEmpty)
        {
            var run = raw.IndexOfAnyExcept(literal);
            if (run < 0)
            {
                output.AppendAscii(raw);
                return;
            }

            output.AppendAscii(raw[..run]);
            raw = raw[run..];
            if (TryUnescape(raw, out var value))
            {
                AppendEscapedByte(ref output, value);
                raw = raw[3..];
            }
            else
            {
                raw = raw[AppendEscapedCharacter(ref output, raw)..];
            }
        }
    }

    /// <summary>Reads a %XX escape at the start of <paramref name="text"/>.</summary>
    public static bool TryUnescape(scoped ReadOnlySpan<char> text, out byte value)
    {
        value = 0;
        if (text.Length < 3 || text[0] != '%' || !char.IsAsciiHexDigit(text[1]) || !char.IsAsciiHexDigit(text[2]))
        {
            return false;
        }

        value = (byte)((HexValue(text[1]) << 4) | HexValue(text[2]));
        return true;
    }

    /// <summary>Decodes a query part; returns the same memory when it has no escapes.</summary>
    public static ReadOnlyMemory<char> Decode(ReadOnlyMemory<char> raw)
    {
        if (!raw.Span.Contains('%'))
        {
            return raw;
        }

        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(raw.Length)];
        var length = 0;
        for (var rest = raw.Span; !rest.IsEmpty;)
        {
            if (TryUnescape(rest, out var value))
            {
                bytes[length++] = value;
                rest = rest[3..];
            }
            else
            {
                length += Encoding.UTF8.GetBytes(rest[..1], bytes.AsSpan(length));
                rest = rest[1..];
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, length).AsMemory();
    }

    private static int HexValue(char digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static void AppendEscapedByte(ref PooledBytes output, byte value)
    {
        if (value < 0x80 && Unreserved.Contains((char)value))
        {
            output.Append(value);
            return;
        }

        var span = output.Reserve(3);
        span[0] = (byte)'%';
        span[1] = UpperHex[value >> 4];
        span[2] = UpperHex[value & 15];
    }

    private static int AppendEscapedCharacter(ref PooledBytes output, scoped ReadOnlySpan<char> raw)
    {
        Rune.DecodeFromUtf16(raw, out var rune, out var consumed);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
        {
            AppendEscapedByte(ref output, value);
        }

        return consumed;
    }
}
