using System.Globalization;

namespace Tarn.Server.Accelerator.Upstream;

/// <summary>The status line and the headers of an answer. Texts are Latin-1, one character a byte.</summary>
/// <param name="IsHttp11">Whether it is of HTTP/1.1; otherwise of HTTP/1.0.</param>
/// <param name="Status">The status, 100 to 999.</param>
/// <param name="Reason">The reason phrase; may be empty.</param>
/// <param name="Headers">The headers in their order.</param>
internal sealed record ResponseHead(bool IsHttp11, int Status, string Reason, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Whether the connection may be used for another request.</summary>
    public bool KeepsAlive => IsHttp11 && !HopByHop.Names(Headers, "Connection").Contains("close");

    /// <summary>The first value of a header; null if there is none.</summary>
    public string? this[string name]
    {
        get
        {
            foreach ((string key, string value) in Headers)
            {
                if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return value;
                }
            }

            return null;
        }
    }

    /// <summary>How the end of the body is found. Source: RFC 9112, section 6.3.</summary>
    /// <param name="method">The method of the request.</param>
    /// <param name="length">The length in bytes, where it is announced.</param>
    /// <exception cref="UpstreamException">The end is ambiguous.</exception>
    public BodyFraming Framing(string method, out long length)
    {
        length = 0;
        if (method == "HEAD" || Status is < 200 or 204 or 304)
        {
            return BodyFraming.None;
        }

        string? coding = null, announced = null;
        foreach ((string name, string value) in Headers)
        {
            if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            {
                coding = coding is null ? value : throw new UpstreamException("The upstream's answer has more than one transfer encoding.");
            }
            else if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                announced = announced is null || announced == value ? value : throw new UpstreamException("The upstream's answer has two lengths.");
            }
        }

        if (coding is not null)
        {
            return announced is null && IsHttp11 && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase)
                ? BodyFraming.Chunked
                : throw new UpstreamException("The end of the upstream's answer is ambiguous.");
        }

        if (announced is null)
        {
            return BodyFraming.UntilClose;
        }

        return long.TryParse(announced, NumberStyles.None, CultureInfo.InvariantCulture, out length)
            ? BodyFraming.Length
            : throw new UpstreamException("The length of the upstream's answer is not a number.");
    }
}

/// <summary>How the end of a body is found.</summary>
internal enum BodyFraming
{
    /// <summary>There is no body.</summary>
    None,

    /// <summary>By its length.</summary>
    Length,

    /// <summary>By its last chunk.</summary>
    Chunked,

    /// <summary>By the end of the connection.</summary>
    UntilClose,
}
