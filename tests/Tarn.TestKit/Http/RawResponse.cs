using System.Text;
using System.Xml;
using System.Xml.Linq;
using Xunit;

namespace Tarn.TestKit.Http;

/// <summary>One HTTP response as it came off the wire. Header values are kept as Latin-1, so that every byte survives.</summary>
public sealed record RawResponse(int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Whether the server says that no more requests are answered on this connection.</summary>
    public bool Closes => string.Equals(this["Connection"], "close", StringComparison.OrdinalIgnoreCase);

    /// <summary>The value of a header, or null.</summary>
    public string? this[string name]
    {
        get
        {
            string[] values = [.. Headers.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value)];
            return values.Length == 0 ? null : string.Join(", ", values);
        }
    }

    /// <summary>
    /// The body as XML. Characters that XML 1.0 cannot represent are references, as S3 sends them without an
    /// encoding-type: this reader accepts them.
    /// </summary>
    public XElement Xml()
    {
        using var reader = XmlReader.Create(new MemoryStream(Body), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, CheckCharacters = false });
        return XDocument.Load(reader).Root!;
    }

    /// <summary>The text of the first element of that local name anywhere in the body, or null.</summary>
    public string? Element(string name) => Elements(name).FirstOrDefault();

    public string[] Elements(string name) =>
        [.. Xml().Descendants().Where(e => e.Name.LocalName == name).Select(e => e.Value)];

    public RawResponse Expect(int status)
    {
        Assert.True(Status == status, $"expected {status}, got {Status}: {Text}");
        return this;
    }

    /// <summary>
    /// Asserts the S3 error document: status, one of the codes, and Code, Message, Resource and RequestId in it.
    /// Source: Amazon S3 API Reference, "REST error responses".
    /// </summary>
    public RawResponse ExpectError(int status, params string[] codes)
    {
        Assert.True(Status == status, $"expected {status} {string.Join('|', codes)}, got {Status}: {Text}");
        return ExpectErrorDocument(codes);
    }

    /// <summary>Asserts an S3 error document with any 4xx status, or 501, and one of the codes (none: any code).</summary>
    public RawResponse ExpectRefusal(params string[] codes)
    {
        Assert.True(Status is (>= 400 and < 500) or 501, $"expected a refusal {string.Join('|', codes)}, got {Status}: {Text}");
        return ExpectErrorDocument(codes);
    }

    private RawResponse ExpectErrorDocument(string[] codes)
    {
        Assert.True(Body.Length > 0, $"{Status} came without an S3 error document");
        Assert.StartsWith("application/xml", this["Content-Type"] ?? "", StringComparison.Ordinal);
        XElement error = Xml();
        Assert.Equal("Error", error.Name.LocalName);
        string code = error.Element("Code")?.Value ?? "";
        Assert.True(codes.Length == 0 || codes.Contains(code), $"expected {string.Join('|', codes)}, got {Status} {Text}");
        Assert.False(string.IsNullOrWhiteSpace(error.Element("Message")?.Value), Text);
        Assert.True(error.Element("Resource") is not null, "no Resource in " + Text);
        Assert.False(string.IsNullOrWhiteSpace(error.Element("RequestId")?.Value), Text);
        Assert.Equal(this["x-amz-request-id"], error.Element("RequestId")!.Value);
        return this;
    }
}
