using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Tarn.Core.Disks.Writing;

namespace Tarn.Server.Control.Archil;

/// <summary>
/// Reads the path of a file from the query. It is decoded to bytes here: ASP.NET Core leaves an escape as it is that is not UTF-8, which would be another file's name.
/// A query, unlike the path of a URL, is not normalized on its way: <c>..</c> arrives, and is refused.
/// </summary>
internal static class DiskPaths
{
    public const string Parameter = "path";

    /// <summary>The path in the parameter <c>path</c>.</summary>
    /// <exception cref="ControlRefusalException">400: it is absent, there more than once, or not escaped correctly.</exception>
    /// <exception cref="DiskChangeRefusedException">Invalid: nothing can have this path.</exception>
    public static DiskFilePath Of(ControlRequest request)
    {
        if (request.Query(Parameter) is not null)
        {
            foreach (QueryStringEnumerable.EncodedNameValuePair pair in new QueryStringEnumerable(request.Http.Request.QueryString.Value))
            {
                if (pair.DecodeName().Span.Equals(Parameter, StringComparison.OrdinalIgnoreCase))
                {
                    return DiskFilePath.Parse(Decode(pair.EncodedValue.Span));
                }
            }
        }

        throw ControlRefusalException.BadRequest("the parameter path must name a file below the disk's root");
    }

    /// <summary>A parameter that is true or false; false if it is absent.</summary>
    /// <exception cref="ControlRefusalException">400: it is neither.</exception>
    public static bool Flag(ControlRequest request, string name) => request.Query(name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw ControlRefusalException.BadRequest($"the parameter {name} must be true or false"),
    };

    private static byte[] Decode(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '%')
            {
                if (i + 2 >= text.Length || !byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte escaped))
                {
                    throw ControlRefusalException.BadRequest("the parameter path has a '%' that begins no escape");
                }

                bytes[length++] = escaped;
                i += 2;
            }
            else if (c < 0x80)
            {
                bytes[length++] = c == '+' ? (byte)' ' : (byte)c;
            }
            else
            {
                throw ControlRefusalException.BadRequest("the parameter path must be escaped");
            }
        }

        return bytes[..length];
    }
}
