using Tarn.Core.Errors;
using Tarn.S3.Wire;

namespace Tarn.Tests.Wire;

public class HttpRangeTests
{
    [Theory]
    [InlineData("bytes=0-0", 10, 0, 1)]
    [InlineData("bytes=2-5", 10, 2, 4)]
    [InlineData("bytes=2-", 10, 2, 8)]
    [InlineData("bytes=-3", 10, 7, 3)]
    [InlineData("bytes=-30", 10, 0, 10)]
    [InlineData("bytes=9-99999999999999999999", 10, 9, 1)]
    [InlineData("Bytes= 1 - 2 ", 10, 1, 2)]
    public void Partial(string header, long size, long offset, long length)
    {
        HttpRange range = HttpRange.Parse(header, size);
        Assert.Equal(new HttpRange(RangeKind.Partial, offset, length), range);
        Assert.Equal($"bytes {offset}-{offset + length - 1}/{size}", range.ContentRange(size));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=+1-2")]
    [InlineData("items=0-1")]
    [InlineData("bytes 0-1")]
    public void Ignored(string? header) => Assert.Equal(new HttpRange(RangeKind.Whole, 0, 10), HttpRange.Parse(header, 10));

    [Theory]
    [InlineData("bytes=10-", 10)]
    [InlineData("bytes=10-20", 10)]
    [InlineData("bytes=99999999999999999999-", 10)]
    [InlineData("bytes=-0", 10)]
    [InlineData("bytes=0-0", 0)]
    [InlineData("bytes=0-", 0)]
    [InlineData("bytes=-0", 0)]
    public void Unsatisfiable(string header, long size) => Assert.Equal(RangeKind.Unsatisfiable, HttpRange.Parse(header, size).Kind);

    [Fact]
    public void The_refusal_names_the_size()
    {
        S3Exception refusal = HttpRange.Unsatisfiable("bytes=9-", 5);
        Assert.Equal(416, refusal.Error.Status);
        Assert.Contains(new("Content-Range", "bytes */5"), refusal.Headers);
        Assert.Contains(new("RangeRequested", "bytes=9-"), refusal.Details);
        Assert.Contains(new("ActualObjectSize", "5"), refusal.Details);
    }

    [Theory]
    [InlineData("bytes=0-", "InvalidArgument")]
    [InlineData("bytes=-1", "InvalidArgument")]
    [InlineData("0-1", "InvalidArgument")]
    [InlineData("bytes=2-1", "InvalidArgument")]
    [InlineData("bytes=0-10", "InvalidArgument")]
    public void Copy_source_ranges_are_strict(string header, string code) =>
        Assert.Equal(code, Assert.Throws<S3Exception>(() => HttpRange.ParseCopySource(header, 10)).Error.Code);

    [Fact]
    public void Copy_source_range() => Assert.Equal(new HttpRange(RangeKind.Partial, 3, 7), HttpRange.ParseCopySource("bytes=3-9", 10));
}
