using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Documents;
using Tarn.S3.Wire;

namespace Tarn.Tests.Wire;

public class TaggingTests
{
    [Fact]
    public void Reads_the_document()
    {
        TagSet tags = Read("<Tagging xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><TagSet><Tag><Key> a</Key><Value>1 </Value></Tag><Tag><Value/><Key>b</Key></Tag></TagSet></Tagging>");
        Assert.Equal([new(" a", "1 "), new("b", "")], tags.Pairs);
        Assert.Equal(0, Read("<Tagging><TagSet/></Tagging>").Count);
    }

    [Theory]
    [InlineData("<Tagging/>")]
    [InlineData("<Tagging><TagSet/><TagSet/></Tagging>")]
    [InlineData("<Tagging><Tags/></Tagging>")]
    [InlineData("<Tagging><TagSet><Other/></TagSet></Tagging>")]
    [InlineData("<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>")]
    [InlineData("<Tagging><TagSet><Tag><Value>a</Value></Tag></TagSet></Tagging>")]
    [InlineData("<Tagging><TagSet><Tag><Key>a</Key><Key>b</Key><Value/></Tag></TagSet></Tagging>")]
    public void Malformed_documents(string xml) =>
        Assert.Equal(S3Error.MalformedXml, Assert.Throws<S3Exception>(() => Read(xml)).Error);

    [Theory]
    [InlineData("", "")]
    [InlineData("a=1", "a:1")]
    [InlineData("a=1&b=&c", "a:1|b:|c:")]
    [InlineData("k%C3%A9=a%20b+c%2B%3D", "ké:a b c+=")]
    [InlineData("a=b=c", "a:b=c")]
    public void Reads_the_header(string header, string expected) =>
        Assert.Equal(expected, string.Join('|', Header(header).Pairs.Select(p => $"{p.Key}:{p.Value}")));

    [Theory]
    [InlineData("a=1&a=2", "InvalidArgument")]
    [InlineData("a=%", "InvalidArgument")]
    [InlineData("a=%C3", "InvalidArgument")]
    [InlineData("=v", "InvalidTag")]
    [InlineData("a=%2C", "InvalidTag")]
    [InlineData("a&b&c&d&e&f&g&h&i&j&k", "BadRequest")]
    public void Refuses_the_header(string header, string code) =>
        Assert.Equal(code, Assert.Throws<S3Exception>(() => Header(header)).Error.Code);

    [Fact]
    public void Directives()
    {
        Assert.False(TaggingHeader.ReadReplaces(new HeaderDictionary()));
        Assert.False(TaggingHeader.ReadReplaces(new HeaderDictionary { [TaggingHeader.DirectiveName] = "COPY" }));
        Assert.True(TaggingHeader.ReadReplaces(new HeaderDictionary { [TaggingHeader.DirectiveName] = "REPLACE" }));
        Assert.Throws<S3Exception>(() => TaggingHeader.ReadReplaces(new HeaderDictionary { [TaggingHeader.DirectiveName] = "replace" }));
    }

    private static TagSet Header(string value) => TaggingHeader.Read(new HeaderDictionary { [TaggingHeader.Name] = value });

    private static TagSet Read(string xml) => TaggingXml.Read(DocumentReader.Read(DocumentShapes.Tagging, Encoding.UTF8.GetBytes(xml)), TagLimits.Object);
}
