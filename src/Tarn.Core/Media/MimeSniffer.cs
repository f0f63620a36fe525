namespace Tarn.Core.Media;

/// <summary>
/// Determines a file's media type from its first bytes. Source: WHATWG MIME Sniffing Standard, "Identifying a resource with an unknown MIME type",
/// with the
/// sniff-scriptable flag set.
/// </summary>
public static class MimeSniffer
{
    /// <summary>The maximum number of bytes from the start of a file that are examined.</summary>
    public const int HeaderLength = 512;

    private const string Html = "text/html";

    /// <summary>Each must be followed by a byte that ends a tag: a space or &gt;. Case and leading white space are ignored.</summary>
    private static readonly byte[][] HtmlTags =
    [
        [.. "<!DOCTYPE HTML"u8], [.. "<HTML"u8], [.. "<HEAD"u8], [.. "<SCRIPT"u8], [.. "<IFRAME"u8], [.. "<H1"u8], [.. "<DIV"u8], [.. "<FONT"u8],
        [.. "<TABLE"u8], [.. "<A"u8], [.. "<STYLE"u8], [.. "<TITLE"u8], [.. "<B"u8], [.. "<BODY"u8], [.. "<BR"u8], [.. "<P"u8], [.. "<!--"u8],
    ];

    /// <summary>In the order of the standard; a question mark stands for any byte.</summary>
    private static readonly Pattern[] Patterns =
    [
        new("%PDF-"u8, "application/pdf"),
        new("%!PS-Adobe-"u8, "application/postscript"),
        new([0xFE, 0xFF, Any, Any], "text/plain"),
        new([0xFF, 0xFE, Any, Any], "text/plain"),
        new([0xEF, 0xBB, 0xBF, Any], "text/plain"),
        new([0x00, 0x00, 0x01, 0x00], "image/x-icon"),
        new([0x00, 0x00, 0x02, 0x00], "image/x-icon"),
        new("BM"u8, "image/bmp"),
        new("GIF87a"u8, "image/gif"),
        new("GIF89a"u8, "image/gif"),
        new("RIFF????WEBPVP"u8, "image/webp"),
        new([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "image/png"),
        new([0xFF, 0xD8, 0xFF], "image/jpeg"),
        new("FORM????AIFF"u8, "audio/aiff"),
        new("ID3"u8, "audio/mpeg"),
        new("OggS\0"u8, "application/ogg"),
        new([0x4D, 0x54, 0x68, 0x64, 0x00, 0x00, 0x00, 0x06], "audio/midi"),
        new("RIFF????AVI "u8, "video/avi"),
        new("RIFF????WAVE"u8, "audio/wave"),
    ];

    private static readonly Pattern[] Archives =
    [
        new([0x1F, 0x8B, 0x08], "application/x-gzip"),
        new([0x50, 0x4B, 0x03, 0x04], "application/zip"),
        new([0x52, 0x61, 0x72, 0x21, 0x1A, 0x07, 0x00], "application/x-rar-compressed"),
    ];

    private const byte Any = (byte)'?';

    /// <summary>The media type, without parameters.</summary>
    /// <param name="start">The file's first bytes, <see cref="HeaderLength"/> at most, or all of it.</param>
    public static string Sniff(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> text = start.TrimStart("\t\n\f\r "u8);
        foreach (byte[] tag in HtmlTags)
        {
            if (StartsWithTag(text, tag))
            {
                return Html;
            }
        }

        if (text.StartsWith("<?xml"u8))
        {
            return "text/xml";
        }

        return Match(start, Patterns) ?? MediaSignatures.Match(start) ?? Match(start, Archives)
            ?? (HasBinaryData(start) ? "application/octet-stream" : "text/plain");
    }

    private static string? Match(ReadOnlySpan<byte> start, Pattern[] patterns)
    {
        foreach (Pattern pattern in patterns)
        {
            if (pattern.Matches(start))
            {
                return pattern.Type;
            }
        }

        return null;
    }

    private static bool StartsWithTag(ReadOnlySpan<byte> text, ReadOnlySpan<byte> tag) =>
        text.Length > tag.Length
        && text[tag.Length] is (byte)' ' or (byte)'>'
        && System.Text.Ascii.EqualsIgnoreCase(text[..tag.Length], tag);

    private static bool HasBinaryData(ReadOnlySpan<byte> start)
    {
        foreach (byte b in start)
        {
            if (b is <= 0x08 or 0x0B or (>= 0x0E and <= 0x1A) or (>= 0x1C and <= 0x1F))
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Pattern(ReadOnlySpan<byte> bytes, string type)
    {
        private readonly byte[] _bytes = bytes.ToArray();

        public string Type => type;

        public bool Matches(ReadOnlySpan<byte> start)
        {
            if (start.Length < _bytes.Length)
            {
                return false;
            }

            for (int i = 0; i < _bytes.Length; i++)
            {
                if (_bytes[i] != Any && _bytes[i] != start[i])
                {
                    return false;
                }
            }

            return true;
        }
    }
}
