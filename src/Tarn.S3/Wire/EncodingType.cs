using System.Buffers;
using Tarn.Core.Errors;

namespace Tarn.S3.Wire;

/// <summary>
/// The <c>encoding-type</c> of listings. Keys may hold what XML cannot, so a client can ask for them percent-encoded:
/// everything but letters, digits, <c>-_.~*</c> and <c>/</c>; a space is %20. Source: Amazon S3 API Reference, ListObjectsV2.
/// </summary>
internal static class EncodingType
{
    private static readonly SearchValues<byte> Kept =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~*/"u8);

    /// <summary>Whether the client asked for URL encoding.</summary>
    /// <exception cref="S3Exception">InvalidArgument for any value but <c>url</c>.</exception>
    public static bool IsUrl(string? value) => value switch
    {
        null or "" => false,
        "url" => true,
        _ => throw new S3Exception(S3Error.InvalidArgument, "Invalid Encoding Method specified in Request")
        {
            Details = [new("ArgumentName", "encoding-type"), new("ArgumentValue", value)],
        },
    };

    /// <summary>Writes an element whose text is a key or a part of one.</summary>
    public static void Element(ref S3XmlWriter xml, ReadOnlySpan<byte> name, ReadOnlySpan<byte> utf8, bool url)
    {
        if (!url || !utf8.ContainsAnyExcept(Kept))
        {
            xml.Element(name, utf8);
            return;
        }

        xml.Start(name);
        Span<byte> escape = stackalloc byte[3];
        while (true)
        {
            int at = utf8.IndexOfAnyExcept(Kept);
            if (at < 0)
            {
                xml.Raw(utf8);
                break;
            }

            xml.Raw(utf8[..at]);
            escape[0] = (byte)'%';
            escape[1] = "0123456789ABCDEF"u8[utf8[at] >> 4];
            escape[2] = "0123456789ABCDEF"u8[utf8[at] & 15];
            xml.Raw(escape);
            utf8 = utf8[(at + 1)..];
        }

        xml.End(name);
    }

    /// <summary>Writes an element whose text comes from the client, as UTF-16.</summary>
    public static void Element(ref S3XmlWriter xml, ReadOnlySpan<byte> name, string text, bool url) =>
        Element(ref xml, name, System.Text.Encoding.UTF8.GetBytes(text), url);
}
