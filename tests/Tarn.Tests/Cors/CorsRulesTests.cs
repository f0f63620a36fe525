using Tarn.Core.Cors;
using Tarn.Core.Errors;
using Tarn.Core.Records;

namespace Tarn.Tests.Cors;

public sealed class CorsRulesTests
{
    private static readonly CorsConfiguration Everything = CorsConfiguration.Create(
        [
            new()
            {
                Id = "a", AllowedOrigins = ["https://a.example", "http://*.b.example:8080"], AllowedMethods = ["PUT", "POST"],
                AllowedHeaders = ["content-*", "*"], ExposeHeaders = ["ETag", "x-amz-request-id"], MaxAgeSeconds = 0,
            },
            new() { AllowedOrigins = ["*"], AllowedMethods = ["GET"], MaxAgeSeconds = 3000 },
            new() { Id = "", AllowedOrigins = ["*x"], AllowedMethods = ["DELETE"] },
        ]);

    /// <summary>What is stored stays readable: these bytes never change.</summary>
    [Fact]
    public void Golden()
    {
        const string Frozen =
            "010362030161051168747470733A2F2F612E6578616D706C650517687474703A2F2F2A2E622E6578616D706C653A383038300703505554"
            + "0704504F53540909636F6E74656E742D2A09012A0B04455461670B10782D616D7A2D726571756573742D69640C01030B05012A07034745540CB917"
            + "030E030005022A78070644454C455445";
        string hex = Convert.ToHexString(Everything.Encode());
        Assert.True(Frozen == hex, hex);
    }

    [Fact]
    public void Reads_what_it_writes()
    {
        CorsConfiguration read = CorsConfiguration.Decode(Everything.Encode());
        Assert.Equivalent(Everything.Rules, read.Rules, strict: true);
        Assert.Throws<RecordFormatException>(() => CorsConfiguration.Decode([2]));
    }

    [Fact]
    public void A_preflight_announces_a_bounded_number_of_headers()
    {
        string[] most = [.. Enumerable.Range(0, CorsConfiguration.MaxAnnounced).Select(i => $"x-{i}")];
        Assert.NotNull(Everything.Find("https://a.example", "PUT", most));
        Assert.NotNull(Everything.Find("https://a.example", "PUT", [.. most, "X-1", "x-1"]));
        Assert.Null(Everything.Find("https://a.example", "PUT", [.. most, "x-more"]));
    }

    [Fact]
    public void Rules_have_a_bounded_number_of_patterns_and_those_stored_with_more_are_read_and_asked_within_bounds()
    {
        static CorsRule Rule(int origins, int headers) => new()
        {
            AllowedOrigins = [.. Enumerable.Range(0, origins).Select(i => $"https://{i}.example")],
            AllowedMethods = ["PUT"],
            AllowedHeaders = [.. Enumerable.Range(0, headers).Select(i => $"y-{i}")],
        };
        CorsConfiguration.Create([Rule(500, 1000), Rule(500, 0)]);
        Assert.Equal(S3Error.InvalidRequest, Assert.Throws<S3Exception>(() => CorsConfiguration.Create([Rule(501, 1), Rule(500, 1)])).Error);
        Assert.Equal(S3Error.InvalidRequest, Assert.Throws<S3Exception>(() => CorsConfiguration.Create([Rule(1, 1001)])).Error);

        CorsConfiguration stored = CorsConfiguration.Decode(CorsConfiguration.FromStorage([Rule(3, 3000)]).Encode());
        Assert.NotNull(stored.Find("https://1.example", "PUT", ["y-1", "y-2999"]));
        Assert.Null(stored.Find("https://1.example", "PUT", [.. Enumerable.Range(0, 100).Select(i => $"y-{i}")]));
    }

    [Theory]
    [InlineData("https://a.example", "PUT", "", "a", true)]
    [InlineData("https://a.example", "PUT", "x-amz-acl,anything", "a", true)]
    [InlineData("https://a.example", "GET", "", null, false)]
    [InlineData("https://a.example", "GET", "x-amz-acl", "none", false)]
    [InlineData("https://A.example", "PUT", "", "none", false)]
    [InlineData("https://a.example:443", "PUT", "", "none", false)]
    [InlineData("http://x.y.b.example:8080", "POST", "", "a", true)]
    [InlineData("http://.b.example:8080", "POST", "", "a", true)]
    [InlineData("http://b.example:8080", "POST", "", "none", false)]
    [InlineData("http://x.b.example:80801", "POST", "", "none", false)]
    [InlineData("null", "GET", "", null, false)]
    [InlineData("https://a.example", "HEAD", "", "none", false)]
    [InlineData("x", "DELETE", "", "", true)]
    public void The_first_rule_that_fits_decides(string origin, string method, string headers, string? rule, bool echoed)
    {
        CorsGrant? grant = Everything.Find(origin, method, headers.Split(',', StringSplitOptions.RemoveEmptyEntries));
        if (rule == "none")
        {
            Assert.Null(grant);
            return;
        }

        Assert.NotNull(grant);
        Assert.Equal(rule, grant.Rule.Id);
        Assert.Equal(echoed ? origin : null, grant.Origin);
    }

    /// <summary>A header's name is not case-sensitive, and what is before and after the star does not overlap.</summary>
    [Theory]
    [InlineData("X-Amz-*", "x-amz-meta-a", true)]
    [InlineData("X-Amz-*", "x-am", false)]
    [InlineData("ab*ba", "aba", false)]
    [InlineData("ab*ba", "ABBA", true)]
    [InlineData("Content-Type", "content-type", true)]
    [InlineData("Content-Type", "content-types", false)]
    public void Headers_match(string pattern, string name, bool expected)
    {
        CorsConfiguration rules = CorsConfiguration.Create([new() { AllowedOrigins = ["*"], AllowedMethods = ["GET"], AllowedHeaders = [pattern] }]);
        Assert.Equal(expected, rules.Find("http://a", "GET", [name]) is not null);
    }

    [Theory]
    [InlineData("http://*.*", "GET", "", "", "InvalidRequest")]
    [InlineData("", "GET", "", "", "InvalidRequest")]
    [InlineData("http://a\r\nb", "GET", "", "", "InvalidRequest")]
    [InlineData("*", "PATCH", "", "", "InvalidRequest")]
    [InlineData("*", "get", "", "", "InvalidRequest")]
    [InlineData("*", "*", "", "", "InvalidRequest")]
    [InlineData("*", "GET", "x-*-*", "", "InvalidRequest")]
    [InlineData("*", "GET", "x y", "", "InvalidRequest")]
    [InlineData("*", "GET", "", "x-*", "InvalidRequest")]
    [InlineData("*", "GET", "", "*", "InvalidRequest")]
    [InlineData("*", "GET", "", "x:y", "InvalidRequest")]
    public void What_S3_does_not_accept_is_refused(string origin, string method, string header, string exposed, string code)
    {
        var refusal = Assert.Throws<S3Exception>(() => CorsConfiguration.Create(
            [
                new()
                {
                    AllowedOrigins = [origin], AllowedMethods = [method], AllowedHeaders = header.Length == 0 ? [] : [header],
                    ExposeHeaders = exposed.Length == 0 ? [] : [exposed],
                },
            ]));
        Assert.Equal(code, refusal.Error.Code);
    }

    [Fact]
    public void There_are_one_to_a_hundred_rules()
    {
        var rule = new CorsRule { AllowedOrigins = ["*"], AllowedMethods = ["GET"] };
        Assert.Equal(S3Error.MalformedXml, Assert.Throws<S3Exception>(() => CorsConfiguration.Create([])).Error);
        Assert.Equal(100, CorsConfiguration.Create([.. Enumerable.Repeat(rule, 100)]).Rules.Count);
        Assert.Equal(S3Error.InvalidRequest, Assert.Throws<S3Exception>(() => CorsConfiguration.Create([.. Enumerable.Repeat(rule, 101)])).Error);
        Assert.Equal(S3Error.MalformedXml, Assert.Throws<S3Exception>(() => CorsConfiguration.Create([rule with { AllowedMethods = [] }])).Error);
        Assert.Equal(S3Error.MalformedXml, Assert.Throws<S3Exception>(() => CorsConfiguration.Create([rule with { AllowedOrigins = [] }])).Error);
        Assert.Equal(S3Error.InvalidRequest, Assert.Throws<S3Exception>(() => CorsConfiguration.Create([rule with { Id = new string('i', 256) }])).Error);
        CorsConfiguration.Create([rule with { Id = new string('i', 255) }]);
    }
}
