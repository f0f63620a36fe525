using System.Buffers;
using System.Text;

namespace Tarn.Server.Proxies;

/// <summary>An element of the Forwarded header: what one proxy states about the request it forwarded.</summary>
internal sealed record ForwardedElement
{
    public string? For { get; set; }

    public string? Proto { get; set; }

    public string? Host { get; set; }
}

/// <summary>Reads the Forwarded header. Source: RFC 7239, section 4.</summary>
internal static class ForwardedElements
{
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Parses the elements in their order, the last one from the nearest proxy. Null if the header is malformed.</summary>
    public static List<ForwardedElement>? Parse(string header)
    {
        var elements = new List<ForwardedElement>();
        var element = new ForwardedElement();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        ReadOnlySpan<char> rest = header.AsSpan().Trim(" \t");
        while (!rest.IsEmpty)
        {
            if (rest[0] is ',' or ';')
            {
                EndElement(rest[0] == ',');
                rest = rest[1..].TrimStart(" \t");
                continue;
            }

            int equals = rest.IndexOf('=');
            if (equals < 1 || rest[..equals].ContainsAnyExcept(TokenChars))
            {
                return null;
            }

            string name = rest[..equals].ToString();
            rest = rest[(equals + 1)..];
            if (!names.Add(name) || TakeValue(ref rest) is not { } value)
            {
                return null;
            }

            rest = rest.TrimStart(" \t");
            if (!rest.IsEmpty && rest[0] is not (',' or ';'))
            {
                return null;
            }

            switch (name.ToLowerInvariant())
            {
                case "for": element.For = value; break;
                case "proto": element.Proto = value; break;
                case "host": element.Host = value; break;
            }
        }

        EndElement(true);
        return elements;

        void EndElement(bool ends)
        {
            if (ends && names.Count > 0)
            {
                elements.Add(element);
                element = new ForwardedElement();
                names.Clear();
            }
        }
    }

    /// <summary>Reads a token or a quoted string; null if it is neither.</summary>
    private static string? TakeValue(ref ReadOnlySpan<char> rest)
    {
        if (!rest.StartsWith("\""))
        {
            int end = rest.IndexOfAnyExcept(TokenChars);
            ReadOnlySpan<char> token = end < 0 ? rest : rest[..end];
            rest = rest[token.Length..];
            return token.IsEmpty ? null : token.ToString();
        }

        var text = new StringBuilder();
        for (int i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                return text.ToString();
            }

            if (rest[i] == '\\' && ++i == rest.Length)
            {
                return null;
            }

            text.Append(rest[i]);
        }

        return null;
    }
}
