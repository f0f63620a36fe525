using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Tarn.Conformance.Support;

/// <summary>RFC 2047 encoded words, in which S3 accepts and returns metadata beyond US-ASCII.</summary>
public static partial class MailSafe
{
    public static string Encode(string text) => $"=?UTF-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}?=";

    /// <summary>The text of a header value (Latin-1 chars, one a byte), be it encoded words or plain UTF-8.</summary>
    public static string Decode(string header)
    {
        if (!header.Contains("=?", StringComparison.Ordinal))
        {
            return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(header));
        }

        // White space between two encoded words is not part of the text (RFC 2047, section 6.2).
        string joined = Gap().Replace(header, "?==?");
        return Word().Replace(joined, word => Encoding.UTF8.GetString(word.Groups[1].Value is "B" or "b" ? Convert.FromBase64String(word.Groups[2].Value) : Quoted(word.Groups[2].Value)));
    }

    private static byte[] Quoted(string text)
    {
        var bytes = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '=')
            {
                bytes.Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 2;
            }
            else
            {
                bytes.Add(text[i] == '_' ? (byte)' ' : (byte)text[i]);
            }
        }

        return [.. bytes];
    }

    [GeneratedRegex(@"\?=\s+=\?")]
    private static partial Regex Gap();

    [GeneratedRegex(@"=\?[^?]+\?([BbQq])\?([^?]*)\?=")]
    private static partial Regex Word();
}
