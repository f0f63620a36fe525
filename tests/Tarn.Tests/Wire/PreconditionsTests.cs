using Microsoft.Net.Http.Headers;
using Tarn.S3.Wire;

namespace Tarn.Tests.Wire;

public class PreconditionsTests
{
    private const string At = "Sun, 06 Nov 1994 08:49:37 GMT";
    private const string Before = "Sun, 06 Nov 1994 08:49:36 GMT";
    private const string Later = "Mon, 07 Nov 1994 08:49:37 GMT";
    private static readonly DateTimeOffset Modified = new(1994, 11, 6, 8, 49, 37, 500, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = Modified.AddDays(10);

    [Theory]
    [InlineData(null, null, null, null, "Holds")]
    [InlineData("\"e\"", null, null, null, "Holds")]
    [InlineData("e", null, null, null, "Holds")]
    [InlineData("W/\"e\"", null, null, null, "Holds")]
    [InlineData("\"x\", \"e\"", null, null, null, "Holds")]
    [InlineData("*", null, null, null, "Holds")]
    [InlineData("\"x\"", null, null, null, "Failed")]
    [InlineData("\"E\"", null, null, null, "Failed")]
    [InlineData("", null, null, null, "Failed")]
    [InlineData(null, "\"e\"", null, null, "NotModified")]
    [InlineData(null, "*", null, null, "NotModified")]
    [InlineData(null, "\"x\"", null, null, "Holds")]
    [InlineData(null, null, At, null, "NotModified")]
    [InlineData(null, null, Before, null, "Holds")]
    [InlineData(null, null, "Mon, 06 Nov 2094 08:49:37 GMT", null, "Holds")]
    [InlineData(null, null, "yesterday", null, "Holds")]
    [InlineData(null, null, null, At, "Holds")]
    [InlineData(null, null, null, Before, "Failed")]
    [InlineData(null, null, null, "nonsense", "Holds")]
    [InlineData("\"e\"", null, null, Before, "Holds")]
    [InlineData("\"x\"", null, null, Later, "Failed")]
    [InlineData(null, "\"x\"", Later, null, "Holds")]
    [InlineData(null, "\"e\"", Before, null, "NotModified")]
    [InlineData("\"e\"", "\"e\"", null, null, "NotModified")]
    [InlineData("\"x\"", "\"e\"", null, null, "Failed")]
    public void Precedence(string? match, string? noneMatch, string? modifiedSince, string? unmodifiedSince, string outcome) =>
        Assert.Equal(outcome, new Preconditions(match, noneMatch, modifiedSince, unmodifiedSince).Evaluate("e", Modified, Now).ToString());

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun Nov  6 08:49:37 1994")]
    public void Three_forms_of_dates(string text)
    {
        Assert.True(HeaderUtilities.TryParseDate(text, out DateTimeOffset time));
        Assert.Equal(At, HeaderUtilities.FormatDate(time));
    }
}
