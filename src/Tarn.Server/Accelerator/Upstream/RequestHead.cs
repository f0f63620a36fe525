using System.Buffers;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Tarn.Server.Accelerator.Upstream;

/// <summary>
/// Writes the head of a request to the upstream. Texts are Latin-1, one character a byte. Whatever could end a line is refused, though the web server has
/// refused it before.
/// </summary>
internal static class RequestHead
{
    private static readonly SearchValues<char> NotInValues = SearchValues.Create("\r\n\0");

    /// <summary>Writes the head of a client's request: the lines of the envelope first, then the headers as they came, without those of its connection.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="envelope">The lines that are for the upstream, each with its end.</param>
    /// <param name="method">The method.</param>
    /// <param name="target">The target as it was sent.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="isChunked">Whether the body goes in chunks.</param>
    /// <returns>Null, or what is wrong with the request.</returns>
    public static string? Write(IBufferWriter<byte> to, ReadOnlySpan<byte> envelope, string method, string target, IHeaderDictionary headers, bool isChunked)
    {
        if (!HeadParser.IsToken(method) || target.Length == 0 || target.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return "The request line is malformed.";
        }

        Begin(to, method, target);
        to.Write(envelope);
        IReadOnlySet<string> named = HopByHop.Names(Flatten(headers), "Connection");
        bool hasHost = false;
        foreach ((string name, StringValues values) in headers)
        {
            // HTTP/2 has its own pseudo-headers, which begin with a colon.
            if (name.StartsWith(':') || HopByHop.Includes(name, named))
            {
                continue;
            }

            if (!HeadParser.IsToken(name))
            {
                return "A header's name is malformed.";
            }

            hasHost |= name.Equals("Host", StringComparison.OrdinalIgnoreCase);
            foreach (string? value in values)
            {
                if (value.AsSpan().ContainsAny(NotInValues))
                {
                    return "A header is malformed.";
                }

                Line(to, name, value);
            }
        }

        if (!hasHost)
        {
            // HTTP/1.0 does without it, HTTP/1.1 does not.
            to.Write("Host: \r\n"u8);
        }

        if (isChunked)
        {
            to.Write("Transfer-Encoding: chunked\r\n"u8);
        }

        to.Write("\r\n"u8);
        return null;
    }

    /// <summary>Writes the request line.</summary>
    public static void Begin(IBufferWriter<byte> to, string method, string target)
    {
        Text(to, method);
        to.Write(" "u8);
        Text(to, target);
        to.Write(" HTTP/1.1\r\n"u8);
    }

    /// <summary>Writes a header.</summary>
    public static void Line(IBufferWriter<byte> to, string name, string? value)
    {
        Text(to, name);
        to.Write(": "u8);
        Text(to, value ?? "");
        to.Write("\r\n"u8);
    }

    private static void Text(IBufferWriter<byte> to, string text) => Encoding.Latin1.GetBytes(text, to);

    private static IEnumerable<KeyValuePair<string, string>> Flatten(IHeaderDictionary headers)
    {
        foreach (string? value in headers.Connection)
        {
            yield return new("Connection", value ?? "");
        }
    }
}
