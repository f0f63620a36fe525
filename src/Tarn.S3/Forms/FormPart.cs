using System.Text;
using Tarn.Core.Errors;
using Tarn.S3.Routing;

namespace Tarn.S3.Forms;

/// <summary>The headers of one part of a form. Source: RFC 7578, section 4.2.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="FileName">The last component of the file's name as the client gave it; null when it gave none.</param>
internal sealed record FormPart(string Name, string? FileName)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes the text of a form as UTF-8.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest.</exception>
    public static string Text(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return Strict.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw FormErrors.Malformed();
        }
    }

    /// <summary>Reads the part's headers.</summary>
    /// <param name="headers">The lines, without the empty one that ends them.</param>
    /// <exception cref="S3Exception">MalformedPOSTRequest.</exception>
    public static FormPart Parse(ReadOnlySpan<byte> headers)
    {
        string text = Text(headers);
        foreach (string line in text.Split("\r\n"))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line.AsSpan(0, colon).Trim().Equals("Content-Disposition", StringComparison.OrdinalIgnoreCase))
            {
                return ParseDisposition(line[(colon + 1)..]);
            }
        }

        throw FormErrors.Malformed();
    }

    private static FormPart ParseDisposition(string value)
    {
        int semicolon = value.IndexOf(';', StringComparison.Ordinal);
        if (semicolon < 0 || !value.AsSpan(0, semicolon).Trim().Equals("form-data", StringComparison.OrdinalIgnoreCase))
        {
            throw FormErrors.Malformed();
        }

        string? name = null, fileName = null, extended = null;
        ReadOnlySpan<char> rest = value.AsSpan(semicolon + 1);
        while (!(rest = rest.Trim()).IsEmpty)
        {
            (string parameter, string text) = Next(ref rest);
            switch (parameter.ToLowerInvariant())
            {
                case "name": name ??= text; break;
                case "filename": fileName ??= text; break;
                case "filename*": extended ??= Extended(text); break;
            }
        }

        return new FormPart(name ?? throw FormErrors.Malformed(), LastComponent(extended ?? fileName));
    }

    /// <summary>Removes one <c>name=value;</c> from the front.</summary>
    private static (string Name, string Value) Next(ref ReadOnlySpan<char> rest)
    {
        int equals = rest.IndexOf('=');
        if (equals <= 0)
        {
            throw FormErrors.Malformed();
        }

        string name = rest[..equals].Trim().ToString();
        rest = rest[(equals + 1)..].TrimStart();
        if (!rest.StartsWith("\""))
        {
            int end = rest.IndexOf(';');
            string token = (end < 0 ? rest : rest[..end]).Trim().ToString();
            rest = end < 0 ? default : rest[(end + 1)..];
            return (name, token);
        }

        var text = new StringBuilder();
        int i = 1;
        for (; i < rest.Length && rest[i] != '"'; i++)
        {
            // Only characters that must be escaped are unescaped: old browsers send C:\paths without escapes.
            i += rest[i] == '\\' && i + 1 < rest.Length && rest[i + 1] is '"' or '\\' ? 1 : 0;
            text.Append(rest[i]);
        }

        if (i >= rest.Length)
        {
            throw FormErrors.Malformed();
        }

        rest = rest[(i + 1)..].TrimStart();
        if (!rest.IsEmpty && rest[0] != ';')
        {
            throw FormErrors.Malformed();
        }

        rest = rest.IsEmpty ? rest : rest[1..];
        return (name, text.ToString());
    }

    /// <summary>Decodes a name in the form of RFC 8187, which some libraries send although RFC 7578 forbids it; null when it is not UTF-8.</summary>
    private static string? Extended(string text) =>
        text.StartsWith("utf-8'", StringComparison.OrdinalIgnoreCase) && text.IndexOf('\'', 6) is > 0 and int quote
            ? PercentDecoder.DecodeToString(text.AsSpan(quote + 1), plusIsSpace: false)
            : null;

    /// <summary>S3 uses only what follows the last slash or backslash.</summary>
    private static string? LastComponent(string? path) => path?[(path.LastIndexOfAny(['/', '\\']) + 1)..];
}
