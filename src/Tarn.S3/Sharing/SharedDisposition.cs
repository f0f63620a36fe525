using System.Globalization;
using System.Text;
using Tarn.Core.Model;

namespace Tarn.S3.Sharing;

/// <summary>
/// How a browser is to present a link's target: shown in the browser only if nothing in it can run, and saved under its own name.
/// Source: RFC 6266 (Content-Disposition), RFC 8187 (<c>filename*</c>), RFC 9110, section 8.3 (media types).
/// </summary>
internal static class SharedDisposition
{
    /// <summary>The Content-Security-Policy: what is shown may not run or load anything, and has no origin.</summary>
    public const string Sandbox = "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'";

    /// <summary>Like <see cref="Sandbox"/>, but without the sandbox itself, in which browsers do not start their PDF viewers.</summary>
    public const string PdfPolicy = "default-src 'none'; img-src 'self' data:; object-src 'self'; style-src 'unsafe-inline'";

    /// <summary>The Content-Security-Policy of what is only saved.</summary>
    public const string Closed = "sandbox; default-src 'none'";

    private const string Inline = "inline";
    private const string Attachment = "attachment";

    private const string Unknown = "application/octet-stream";
    private const string NoName = "download";

    /// <summary>The attr-char of RFC 8187 without letters and digits.</summary>
    private const string Plain = "!#$&+-.^_`|~";

    /// <summary>The media type to send: a malformed one is sent as unknown, and text gets a charset.</summary>
    public static string ContentType(string? stored)
    {
        if (stored is null || Essence(stored) is not { } essence)
        {
            return Unknown;
        }

        return essence == "text/plain" && !stored.Contains(';', StringComparison.Ordinal) ? "text/plain; charset=utf-8" : stored;
    }

    /// <summary>Whether browsers may show it: images that cannot hold scripts, audio, video, PDF and plain text.</summary>
    public static bool IsInline(string contentType) => Essence(contentType) is { } essence
        && !essence.EndsWith("+xml", StringComparison.Ordinal)
        && (essence is "text/plain" or "application/pdf"
            || essence.StartsWith("image/", StringComparison.Ordinal) && !essence.Contains("svg", StringComparison.Ordinal)
            || essence.StartsWith("audio/", StringComparison.Ordinal)
            || essence.StartsWith("video/", StringComparison.Ordinal));

    /// <summary>The Content-Security-Policy of the answer.</summary>
    public static string Policy(string contentType) => Essence(contentType) == "application/pdf" ? PdfPolicy : Sandbox;

    /// <summary>The Content-Disposition of a file or object of this type and key.</summary>
    public static string Of(string contentType, ReadOnlySpan<byte> key)
    {
        byte[] name = Name(key);
        var ascii = new StringBuilder(name.Length);
        var encoded = new StringBuilder(name.Length);
        foreach (Rune rune in Encoding.UTF8.GetString(name).EnumerateRunes())
        {
            // A quoted string could escape some of these, but browsers interpret the escapes differently.
            ascii.Append(rune.Value is >= 0x20 and < 0x7F and not ('"' or '\\' or '%' or '/') ? (char)rune.Value : '_');
        }

        foreach (byte b in name)
        {
            char c = (char)b;
            _ = char.IsAsciiLetterOrDigit(c) || Plain.Contains(c, StringComparison.Ordinal)
                ? encoded.Append(c)
                : encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return $"{(IsInline(contentType) ? Inline : Attachment)}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}";
    }

    /// <summary>The disposition of the same name that is not shown.</summary>
    /// <param name="disposition">What <see cref="Of"/> returned.</param>
    public static string Saved(string disposition) =>
        disposition.StartsWith(Inline, StringComparison.Ordinal) ? string.Concat(Attachment, disposition.AsSpan(Inline.Length)) : disposition;

    /// <summary>The last part of the key that is not empty.</summary>
    private static byte[] Name(ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<byte> rest = key.TrimEnd((byte)'/');
        ReadOnlySpan<byte> name = rest[(rest.LastIndexOf((byte)'/') + 1)..];
        return name.IsEmpty ? Encoding.ASCII.GetBytes(NoName) : name.ToArray();
    }

    /// <summary>
    /// Type and subtype in lower case; null when the text does not begin with them, or has a comma: browsers use the type that
    /// follows the comma instead. Source: Fetch Standard, "extract a MIME type".
    /// </summary>
    private static string? Essence(string contentType)
    {
        string essence = contentType.Split(';')[0].Trim().ToLowerInvariant();
        string[] parts = essence.Split('/');
        return parts.Length == 2 && Array.TrueForAll(parts, static part => HttpToken.IsToken(part)) && contentType.All(c => c is >= ' ' and < '\x7F' and not ',') ? essence : null;
    }
}
