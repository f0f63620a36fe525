using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>
/// Preflights, and what a page of another origin sees of answers. Source: Amazon S3 User Guide, "Using cross-origin resource sharing (CORS)";
/// API Reference, "OPTIONS object".
/// </summary>
public sealed class Preflight(TestEndpoint endpoint) : S3Test(endpoint)
{
    private const string Origin = "https://app.example:8443";
    private const string Vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

    private const string Rules =
        "<CORSRule><AllowedOrigin>https://*.example:8443</AllowedOrigin><AllowedOrigin>https://app.example:8443</AllowedOrigin>"
        + "<AllowedMethod>PUT</AllowedMethod><AllowedMethod>POST</AllowedMethod>"
        + "<AllowedHeader>content-type</AllowedHeader><AllowedHeader>x-amz-*</AllowedHeader>"
        + "<ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-request-id</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds></CORSRule>"
        + "<CORSRule><AllowedOrigin>https://app.example:8443</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod></CORSRule>"
        + "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>";

    private async Task<string> BucketAsync()
    {
        string bucket = await NewBucketAsync();
        string document = PutBucketCors.Document(Rules);
        (await Raw.SendAsync("PUT", $"/{bucket}?cors", [ContentMd5(document)], document)).Expect(200);
        return bucket;
    }

    private Task<RawResponse> AskAsync(string target, string? origin, string? method, string? headers = null)
    {
        List<(string, string)> sent = [];
        Add("Origin", origin);
        Add("Access-Control-Request-Method", method);
        Add("Access-Control-Request-Headers", headers);
        return Raw.SendUnsignedAsync("OPTIONS", target, sent);

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                sent.Add((name, value));
            }
        }
    }

    [Fact]
    public async Task A_page_that_is_let_in_is_told_what_it_may()
    {
        string bucket = await BucketAsync();
        foreach (string target in new[] { $"/{bucket}/some/key", $"/{bucket}", $"/{bucket}/", $"/{bucket}/k?uploads", $"/{bucket}?list-type=2&policy" })
        {
            RawResponse answer = (await AskAsync(target, Origin, "PUT", "Content-Type, X-Amz-Meta-A,x-amz-acl")).Expect(200);
            Assert.Empty(answer.Body);
            Assert.Equal(Origin, answer["Access-Control-Allow-Origin"]);
            Assert.Equal("PUT, POST", answer["Access-Control-Allow-Methods"]);
            Assert.Equal("content-type, x-amz-meta-a, x-amz-acl", answer["Access-Control-Allow-Headers"]);
            Assert.Equal("ETag, x-amz-request-id", answer["Access-Control-Expose-Headers"]);
            Assert.Equal("600", answer["Access-Control-Max-Age"]);
            Assert.Equal("true", answer["Access-Control-Allow-Credentials"]);
            Assert.Equal(Vary, answer["Vary"]);
        }
    }

    [Fact]
    public async Task Every_origin_is_let_in_without_credentials()
    {
        string bucket = await BucketAsync();
        RawResponse answer = (await AskAsync($"/{bucket}/k", "null", "GET")).Expect(200);
        Assert.Equal("*", answer["Access-Control-Allow-Origin"]);
        Assert.Equal("GET", answer["Access-Control-Allow-Methods"]);
        Assert.Null(answer["Access-Control-Allow-Credentials"]);
        Assert.Null(answer["Access-Control-Allow-Headers"]);
        Assert.Null(answer["Access-Control-Max-Age"]);
    }

    [Theory]
    [InlineData("https://app.example", "PUT", null)]
    [InlineData("http://app.example:8443", "PUT", null)]
    [InlineData("https://app.example:8443", "DELETE", null)]
    [InlineData("https://app.example:8443", "PUT", "content-type,range")]
    [InlineData("https://app.example:8443", "GET", "x-amz-acl")]
    [InlineData("https://app.example:8443", "PUT", "x-amz-a b")]
    public async Task What_no_rule_lets_in_is_forbidden(string origin, string method, string? headers)
    {
        string bucket = await BucketAsync();
        RawResponse answer = (await AskAsync($"/{bucket}/k", origin, method, headers)).ExpectError(403, "AccessForbidden");
        Assert.StartsWith("CORSResponse: This CORS request is not allowed.", answer.Element("Message"), StringComparison.Ordinal);
        Assert.Equal((method, "OBJECT"), (answer.Element("Method"), answer.Element("ResourceType")));
        Assert.Null(answer["Access-Control-Allow-Origin"]);
    }

    [Fact]
    public async Task A_bucket_without_rules_lets_nobody_in()
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = (await AskAsync($"/{bucket}", Origin, "GET")).ExpectError(403, "AccessForbidden");
        Assert.Equal(("CORSResponse: CORS is not enabled for this bucket.", "BUCKET"), (answer.Element("Message"), answer.Element("ResourceType")));
        (await AskAsync($"/{NewName()}/k", Origin, "GET")).ExpectError(403, "AccessForbidden");
        (await AskAsync("/UPPER/k", Origin, "GET")).ExpectError(403, "AccessForbidden");
    }

    [Fact]
    public async Task A_preflight_says_who_asks_and_for_what()
    {
        string bucket = await BucketAsync();
        RawResponse answer = (await AskAsync($"/{bucket}/k", null, "PUT")).ExpectError(400, "BadRequest");
        Assert.Equal("Insufficient information. Origin request header needed.", answer.Element("Message"));
        (await AskAsync($"/{bucket}/k", Origin, null)).ExpectError(400, "BadRequest");
        (await AskAsync($"/{bucket}/k", Origin, "PATCH")).ExpectError(400, "BadRequest");
        (await AskAsync("/", Origin, "GET")).ExpectError(405, "MethodNotAllowed");
    }

    [Fact]
    public async Task Answers_say_who_may_see_them()
    {
        string bucket = await BucketAsync();
        RawResponse put = (await Raw.SendAsync("PUT", $"/{bucket}/k", [("Origin", Origin)], Utf8("x"))).Expect(200);
        Assert.Equal((Origin, "ETag, x-amz-request-id", "true", Vary),
            (put["Access-Control-Allow-Origin"], put["Access-Control-Expose-Headers"], put["Access-Control-Allow-Credentials"], put["Vary"]));
        RawResponse get = (await Raw.SendAsync("GET", $"/{bucket}/k", [("Origin", Origin)])).Expect(200);
        Assert.Equal(("*", null, "GET"), (get["Access-Control-Allow-Origin"], get["Access-Control-Allow-Credentials"], get["Access-Control-Allow-Methods"]));
        RawResponse head = (await Raw.SendAsync("HEAD", $"/{bucket}/k", [("Origin", Origin)])).Expect(200);
        Assert.Equal(Origin, head["Access-Control-Allow-Origin"]);
        RawResponse unchanged = (await Raw.SendAsync("GET", $"/{bucket}/k", [("Origin", Origin), ("If-None-Match", put["ETag"]!)])).Expect(304);
        Assert.Equal("*", unchanged["Access-Control-Allow-Origin"]);

        RawResponse other = (await Raw.SendAsync("PUT", $"/{bucket}/k", [("Origin", "https://evil.test")], Utf8("x"))).Expect(200);
        Assert.Null(other["Access-Control-Allow-Origin"]);
        RawResponse none = (await Raw.SendAsync("GET", $"/{bucket}/k")).Expect(200);
        Assert.Null(none["Access-Control-Allow-Origin"]);
        Assert.Null((await Raw.SendAsync("GET", $"/{bucket}/k", [("Origin", "https://a\u0001b")])).Expect(200)["Access-Control-Allow-Origin"]);
    }

    [Fact]
    public async Task Refusals_can_be_read_too()
    {
        string bucket = await BucketAsync();
        foreach (RawResponse answer in new[]
        {
            (await Raw.SendAsync("GET", $"/{bucket}/absent", [("Origin", Origin)])).ExpectError(404, "NoSuchKey"),
            (await Raw.SendUnsignedAsync("GET", $"/{bucket}/absent", [("Origin", Origin)])).ExpectError(403, "AccessDenied"),
            (await Raw.SendAsync("GET", $"/{bucket}/k", [("Origin", Origin)], signer: Raw.Signer(withSecret: "wrong"))).ExpectError(403, "SignatureDoesNotMatch"),
            (await Raw.SendUnsignedAsync("GET", $"/{bucket}/k?X-Amz-Algorithm=nonsense", [("Origin", Origin)])).ExpectRefusal(),
            (await Raw.SendAsync("GET", $"/{bucket}/k?torrent", [("Origin", Origin)])).ExpectError(501, "NotImplemented"),
        })
        {
            Assert.Equal("*", answer["Access-Control-Allow-Origin"]);
            Assert.Equal(Vary, answer["Vary"]);
        }
    }

    [Fact]
    public async Task Virtual_host_style_is_no_different()
    {
        Assert.SkipWhen(Endpoint.Domain is null, "the endpoint has no domain");
        string bucket = await BucketAsync();
        string host = $"{bucket}.{Endpoint.Domain}:{Endpoint.Address.Port}";
        string head = RawClient.Lines("OPTIONS", "/some/key", [("Host", host), ("Origin", Origin), ("Access-Control-Request-Method", "PUT")]);
        Assert.Equal(Origin, (await Raw.ExchangeAsync("OPTIONS", head)).Expect(200)["Access-Control-Allow-Origin"]);
        RawResponse put = (await Raw.SendAsync("PUT", "/some/key", [("Origin", Origin)], Utf8("x"), host: host)).Expect(200);
        Assert.Equal(Origin, put["Access-Control-Allow-Origin"]);
    }
}
