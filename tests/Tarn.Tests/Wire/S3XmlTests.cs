using System.Buffers;
using System.Text;
using Tarn.Core.Errors;
using Tarn.S3.Documents;
using Tarn.S3.Wire;

namespace Tarn.Tests.Wire;

public class S3XmlTests
{
    [Fact]
    public void Writes_a_document()
    {
        string xml = Write((ref S3XmlWriter w) =>
        {
            w.StartRoot("R"u8);
            w.Element("N"u8, long.MinValue);
            w.Element("B"u8, true);
            w.Element("T"u8, new DateTimeOffset(2024, 1, 2, 3, 4, 5, 6, TimeSpan.FromHours(1)));
            w.Optional("Gone"u8, null);
            w.ETag("abc-1");
            w.End("R"u8);
        });
        Assert.Equal("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<R xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><N>-9223372036854775808</N><B>true</B><T>2024-01-02T02:04:05.006Z</T><ETag>&quot;abc-1&quot;</ETag></R>", xml);
    }

    [Theory]
    [InlineData("a&b<c>d\"e'", "a&amp;b&lt;c&gt;d&quot;e'")]
    [InlineData("\u0001\t\r\n\u001f\u007f", "&#x1;&#x9;&#xd;&#xa;&#x1f;&#x7f;")]
    [InlineData("é😀\uff21", "é😀\uff21")]
    [InlineData("\ufffe\uffff\ufffd", "&#xfffe;&#xffff;\ufffd")]
    public void Escapes(string text, string expected)
    {
        Assert.Equal(expected, TextOf((ref S3XmlWriter w) => w.Element("E"u8, text.AsSpan())));
        Assert.Equal(expected, TextOf((ref S3XmlWriter w) => w.Element("E"u8, Encoding.UTF8.GetBytes(text))));
    }

    [Fact]
    public void Long_text_is_never_split_inside_a_character()
    {
        string text = new string('a', 511) + string.Concat(Enumerable.Repeat("😀", 5000)) + "&";
        Assert.Equal(text.Replace("&", "&amp;", StringComparison.Ordinal), TextOf((ref S3XmlWriter w) => w.Element("E"u8, text.AsSpan())));
    }

    [Theory]
    [InlineData("a/b c+d", "a/b%20c%2Bd")]
    [InlineData("é\u0001&~*", "%C3%A9%01%26~*")]
    public void URL_encoding(string text, string expected) =>
        Assert.Equal(expected, TextOf((ref S3XmlWriter w) => EncodingType.Element(ref w, "E"u8, text, url: true)));

    [Fact]
    public void Unknown_encoding_types_are_refused() =>
        Assert.Equal(S3Error.InvalidArgument, Assert.Throws<S3Exception>(() => EncodingType.IsUrl("base64")).Error);

    [Fact]
    public void Reads_what_it_writes_whatever_the_namespace()
    {
        const string Key = "a\u0001 <&>\r\n😀 ";
        string xml = Write((ref S3XmlWriter w) =>
        {
            w.StartRoot("Delete"u8);
            w.Start("Object"u8);
            w.Element("Key"u8, Key.AsSpan());
            w.End("Object"u8);
            w.End("Delete"u8);
        });
        DocumentElement root = DocumentReader.Read(DocumentShapes.Delete, Encoding.UTF8.GetBytes(xml));
        Assert.Equal(Key, root.Find("Object")!.TextOf("Key"));
    }

    private delegate void Writing(ref S3XmlWriter writer);

    private static string TextOf(Writing writing)
    {
        string xml = Write(writing);
        int start = xml.IndexOf("<E>", StringComparison.Ordinal) + 3;
        return xml[start..^4];
    }

    private static string Write(Writing writing)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new S3XmlWriter(output);
        writing(ref writer);
        writer.Flush();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
