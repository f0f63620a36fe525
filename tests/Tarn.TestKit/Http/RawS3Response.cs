using System.Net;
using System.Text;
using System.Xml.Linq;

namespace Tarn.TestKit.Http;

/// <summary>An answer read to its end.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">Headers of the answer and of its content; names in any case.</param>
/// <param name="Body">The whole body.</param>
public sealed record RawS3Response(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>The body as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The body as XML.</summary>
    /// <exception cref="System.Xml.XmlException">It is none.</exception>
    public XElement Xml => XElement.Parse(Text);

    /// <summary>A header, or null.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The <c>Code</c> of an error document, or null when there is none.</summary>
    public string? ErrorCode =>
        IsSuccess || Body.Length == 0 ? null : Xml.Elements().FirstOrDefault(child => child.Name.LocalName == "Code")?.Value;

    /// <summary>This answer if it is a success.</summary>
    /// <exception cref="HttpRequestException">It is not; the message shows status and body.</exception>
    public RawS3Response Expect() =>
        IsSuccess ? this : throw new HttpRequestException($"{(int)Status}: {Text}", null, Status);
}
