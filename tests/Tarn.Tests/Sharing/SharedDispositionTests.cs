using System.Net.Http.Headers;
using System.Text;
using Tarn.S3.Sharing;

namespace Tarn.Tests.Sharing;

public sealed class SharedDispositionTests
{
    [Theory]
    [InlineData("image/png", true)]
    [InlineData("IMAGE/JPEG", true)]
    [InlineData("image/webp; q=1", true)]
    [InlineData("video/mp4", true)]
    [InlineData("audio/mpeg", true)]
    [InlineData("application/pdf", true)]
    [InlineData("text/plain", true)]
    [InlineData("text/plain; charset=utf-8", true)]
    [InlineData("image/svg+xml", false)]
    [InlineData("image/SVG+xml; charset=x", false)]
    [InlineData("image/svg", false)]
    [InlineData("text/html", false)]
    [InlineData("Text/HTML;charset=utf-8", false)]
    [InlineData("application/xhtml+xml", false)]
    [InlineData("text/xml", false)]
    [InlineData("application/xml", false)]
    [InlineData("image/x+xml", false)]
    [InlineData("text/javascript", false)]
    [InlineData("application/javascript", false)]
    [InlineData("text/css", false)]
    [InlineData("text/markdown", false)]
    [InlineData("application/json", false)]
    [InlineData("application/octet-stream", false)]
    [InlineData("image/png\n<", false)]
    [InlineData("image", false)]
    [InlineData("image/", false)]
    [InlineData("", false)]
    [InlineData("a/b/c", false)]
    [InlineData("text/plain,text/html", false)]
    [InlineData("image/png;x=, text/html", false)]
    [InlineData("application/pdf;,text/html", false)]
    public void Only_what_runs_nothing_is_shown(string type, bool inline) => Assert.Equal(inline, SharedDisposition.IsInline(type));

    [Theory]
    [InlineData(null, "application/octet-stream")]
    [InlineData("nonsense", "application/octet-stream")]
    [InlineData("text/plain, text/html", "application/octet-stream")]
    [InlineData("image/png;x=, text/html", "application/octet-stream")]
    [InlineData("text/plain", "text/plain; charset=utf-8")]
    [InlineData("text/plain; charset=iso-8859-1", "text/plain; charset=iso-8859-1")]
    [InlineData("image/png", "image/png")]
    public void A_type_is_sent_as_it_is_or_not_at_all(string? stored, string sent) => Assert.Equal(sent, SharedDisposition.ContentType(stored));

    [Theory]
    [InlineData("a/b/report.pdf", "report.pdf", "report.pdf")]
    [InlineData("with space.txt", "with space.txt", "with space.txt")]
    [InlineData("quote\"back\\slash%41.txt", "quote_back_slash_41.txt", "quote\"back\\slash%41.txt")]
    [InlineData("naïve 日本語 😀.txt", "na_ve ___ _.txt", "naïve 日本語 😀.txt")]
    [InlineData("line\r\nSet-Cookie: x", "line__Set-Cookie: x", "line\r\nSet-Cookie: x")]
    [InlineData("semi;colon'quote", "semi;colon'quote", "semi;colon'quote")]
    [InlineData("dir/", "dir", "dir")]
    [InlineData("///", "download", "download")]
    public void Names_of_any_characters_come_through(string key, string ascii, string exact)
    {
        string header = SharedDisposition.Of("text/html", Encoding.UTF8.GetBytes(key));
        Assert.True(header.All(c => c is >= ' ' and < '\x7F'), header);
        Assert.StartsWith($"attachment; filename=\"{ascii}\"; filename*=UTF-8''", header, StringComparison.Ordinal);
        ContentDispositionHeaderValue parsed = ContentDispositionHeaderValue.Parse(header);
        Assert.Equal(("attachment", exact), (parsed.DispositionType, parsed.FileNameStar));
    }

    [Fact]
    public void A_pdf_has_no_sandbox_and_everything_else_has()
    {
        Assert.DoesNotContain("sandbox", SharedDisposition.Policy("application/pdf"), StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", SharedDisposition.Policy("application/pdf"), StringComparison.Ordinal);
        Assert.StartsWith("sandbox; default-src 'none'", SharedDisposition.Policy("image/png"), StringComparison.Ordinal);
    }
}
