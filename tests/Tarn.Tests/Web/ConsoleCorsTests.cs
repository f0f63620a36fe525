using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tarn.S3.Operations;
using Tarn.S3.Routing;
using Tarn.Server.Connections;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Web;

/// <summary>What S3 tells browsers about requests of the console's pages, and of all others.</summary>
public sealed class ConsoleCorsTests : IAsyncLifetime
{
    private static readonly string[] Readable =
    [
        "Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length", "Content-Range", "Content-Type", "ETag", "Expires", "Last-Modified", "Retry-After",
    ];

    private InProcessServer _server = null!;
    private RawClient _client = null!;

    private static readonly string[] Others = ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}", "http://localhost.evil:{port}", "http://127.0.0.1:{port}0", "http://127.0.0.1:{port}/"];

    private string Console => _server.ControlUrl;

    public async ValueTask InitializeAsync()
    {
        _server = await InProcessServer.StartAsync();
        var endpoint = new TarnEndpoint(new Uri(_server.S3Url + "/"), InProcessServer.RootAccessKey, InProcessServer.RootSecretKey);
        _client = new RawClient(endpoint);
        using var client = new RawS3Client(endpoint);
        await client.CreateBucketAsync("bucket");
        (await client.SendAsync(HttpMethod.Put, "bucket", "key", headers: Metadata, body: "content"u8.ToArray())).Expect();
        await client.CreateBucketAsync("open");
        byte[] rules = Encoding.UTF8.GetBytes(
            $"<CORSConfiguration><CORSRule><AllowedOrigin>{Console}</AllowedOrigin><AllowedMethod>GET</AllowedMethod><ExposeHeader>x-other</ExposeHeader><MaxAgeSeconds>7</MaxAgeSeconds></CORSRule>"
            + "<CORSRule><AllowedOrigin>http://evil.example</AllowedOrigin><AllowedMethod>PUT</AllowedMethod></CORSRule></CORSConfiguration>");
        var sum = new Dictionary<string, string> { ["x-amz-checksum-sha256"] = Convert.ToBase64String(SHA256.HashData(rules)) };
        (await client.SendAsync(HttpMethod.Put, "open", null, new Dictionary<string, string> { ["cors"] = "" }, sum, rules)).Expect();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_page_of_the_console_reads_the_answer_of_every_operation_and_its_refusal()
    {
        foreach (S3Operation row in OperationTable.Rows)
        foreach (string bucket in new[] { "bucket", "nothing-there", "open", "dsk-0000000000000000", "NO" })
        {
            string path = row.Target switch { S3Target.Service => "/", S3Target.Bucket => $"/{bucket}", _ => $"/{bucket}/key" };
            string query = string.Join('&', row.Query.Select(p => p.Contains('=', StringComparison.Ordinal) ? p : p + "=" + (p == "partNumber" ? "1" : "")));
            List<(string, string)> headers = [("Origin", Console)];
            if (row.Header is { } header)
            {
                headers.Add((header, "/bucket/key"));
            }

            RawResponse answer = await _client.SendUnsignedAsync(row.Method, path + (query.Length > 0 ? "?" + query : ""), headers, row.Method is "PUT" or "POST" ? [] : null);
            AssertReadable(answer, $"{row.Name} {bucket}");
        }
    }

    [Fact]
    public async Task What_is_stored_with_an_object_is_named_one_by_one()
    {
        foreach ((string method, int status, (string, string)[] headers) in new[]
        {
            ("GET", 200, []), ("HEAD", 200, []), ("GET", 206, [("Range", "bytes=1-2")]), ("GET", 304, [("If-None-Match", "*")]), ("GET", 412, [("If-Match", "\"x\"")]), ("GET", 416, ((string, string)[])[("Range", "bytes=99-")]),
        })
        {
            RawResponse answer = await _client.SendAsync(method, "/bucket/key", [("Origin", Console), .. headers]);
            Assert.Equal(status, answer.Status);
            AssertReadable(answer);
            if (status is 200)
            {
                string[] exposed = answer["Access-Control-Expose-Headers"]!.Split(", ");
                Assert.Superset(
                    new HashSet<string>(["ETag", "Content-Length", "Content-Type", "Last-Modified", "Content-Language", "Content-Disposition", "Cache-Control", "Expires", "x-amz-meta-colour", "x-amz-request-id"], StringComparer.OrdinalIgnoreCase),
                    new HashSet<string>(exposed, StringComparer.OrdinalIgnoreCase));
                Assert.DoesNotContain(exposed, static header => header.Contains('*', StringComparison.Ordinal));
            }
        }
    }

    [Theory]
    [InlineData("bucket", "/key")]
    [InlineData("bucket", "")]
    [InlineData("nothing-there", "/a%2F..%2Fb")]
    [InlineData("open", "/key?uploads&partNumber=1&partNumber=1")]
    [InlineData("dsk-0000000000000000", "/key")]
    [InlineData("", "")]
    public async Task Its_preflights_are_answered_whatever_they_are_for(string bucket, string rest)
    {
        foreach (string method in new[] { "GET", "HEAD", "PUT", "POST", "DELETE" })
        {
            RawResponse answer = await _client.SendUnsignedAsync("OPTIONS", $"/{bucket}{rest}", [
                ("Origin", Console), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", "content-type,x-amz-meta-a, x-amz-checksum-crc32"), ("Access-Control-Request-Private-Network", "true"),
            ]);
            Assert.Equal((204, Console, "GET, HEAD, PUT, POST, DELETE"), (answer.Status, answer["Access-Control-Allow-Origin"], answer["Access-Control-Allow-Methods"]));
            Assert.Equal(("content-type,x-amz-meta-a, x-amz-checksum-crc32", "600", "true"), (answer["Access-Control-Allow-Headers"], answer["Access-Control-Max-Age"], answer["Access-Control-Allow-Private-Network"]));
            Assert.Equal("Origin, Access-Control-Request-Method, Access-Control-Request-Headers", answer["Vary"]);
            Assert.Null(answer["Access-Control-Allow-Credentials"]);
        }
    }

    [Theory]
    [InlineData("PATCH", "x-a")]
    [InlineData("put", "x-a")]
    [InlineData("PUT", "a b")]
    [InlineData("PUT", "a,,b")]
    [InlineData("PUT", "a/b")]
    public async Task A_preflight_for_what_s3_does_not_serve_is_refused_and_says_so_to_the_page(string method, string headers)
    {
        RawResponse answer = await _client.SendUnsignedAsync("OPTIONS", "/bucket/key", [("Origin", Console), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers)]);
        Assert.InRange(answer.Status, 400, 403);
        AssertReadable(answer);
        Assert.Null(answer["Access-Control-Allow-Headers"]);
    }

    [Fact]
    public async Task No_other_origin_gains_anything()
    {
        string port = new Uri(Console).Port.ToString(CultureInfo.InvariantCulture);
        foreach (string origin in Others.Select(other => other.Replace("{port}", port, StringComparison.Ordinal)))
        foreach (string path in new[] { "/", "/bucket", "/bucket/key", "/nothing-there", "/open" })
        foreach (string method in new[] { "GET", "OPTIONS", "HEAD" })
        {
            RawResponse answer = await _client.SendUnsignedAsync(method, path, [("Origin", origin), ("Access-Control-Request-Method", "GET")]);
            Assert.DoesNotContain(answer.Headers, static header => header.Name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task Rules_of_a_bucket_go_on_for_others_and_give_the_console_no_credentials()
    {
        RawResponse other = await _client.SendUnsignedAsync("OPTIONS", "/open/key", [("Origin", "http://evil.example"), ("Access-Control-Request-Method", "PUT")]);
        Assert.Equal((200, "http://evil.example", "true"), (other.Status, other["Access-Control-Allow-Origin"], other["Access-Control-Allow-Credentials"]));
        RawResponse console = await _client.SendAsync("GET", "/open", [("Origin", Console)]);
        Assert.Equal(200, console.Status);
        AssertReadable(console);
    }

    [Fact]
    public async Task It_reads_refusals_of_what_s3_never_saw()
    {
        string head = $"GET /bucket HTTP/1.1\r\nHost: {_client.HostHeader}\r\nOrigin: {Console}\r\n";
        RawResponse ambiguous = await _client.ExchangeAsync("GET", head + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(400, ambiguous.Status);
        AssertReadable(ambiguous);
        RawResponse preflight = await _client.ExchangeAsync(
            "OPTIONS", head.Replace("GET", "OPTIONS", StringComparison.Ordinal) + "Access-Control-Request-Method: GET\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(400, preflight.Status);
    }

    [Fact]
    public async Task It_reads_that_the_server_is_busy()
    {
        RequestBudget budget = _server.Get<HostCapacity>().S3Budget;
        foreach (long cost in new[] { 1L << 20, 0 })
        {
            while (budget.TryEnter(cost))
            {
            }
        }

        using var gone = new CancellationTokenSource();
        Task[] waiting = [.. Enumerable.Range(0, RequestBudget.MaxWaiting).Select(_ => budget.WaitAsync(1 << 20, gone.Token).AsTask())];
        RawResponse refused = await _client.SendAsync("GET", "/bucket/key", [("Origin", Console)]);
        Assert.Equal((503, "SlowDown"), (refused.Status, refused.Element("Code")));
        AssertReadable(refused);
        Assert.Equal(204, (await _client.SendUnsignedAsync("OPTIONS", "/bucket/key", [("Origin", Console), ("Access-Control-Request-Method", "GET")])).Status);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
    }

    private static Dictionary<string, string> Metadata => new()
    {
        ["x-amz-meta-colour"] = "green", ["Cache-Control"] = "no-cache", ["Content-Language"] = "en", ["Content-Disposition"] = "inline", ["Expires"] = "Thu, 01 Jan 2032 00:00:00 GMT",
    };

    /// <summary>A page of the console may read it, every header of use by its name, and no credentials go with it.</summary>
    private void AssertReadable(RawResponse answer, string what = "")
    {
        Assert.True(answer["Access-Control-Allow-Origin"] == Console, $"{what}: {answer}");
        Assert.Contains("Origin", answer["Vary"]!, StringComparison.Ordinal);
        string[] expected = [.. answer.Headers.Select(static header => header.Name).Where(static name => name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) || Readable.Contains(name, StringComparer.OrdinalIgnoreCase))];
        Assert.Contains("x-amz-request-id", expected, StringComparer.OrdinalIgnoreCase);
        string[] exposed = answer["Access-Control-Expose-Headers"]!.Split(", ");

        // A length that the web server itself adds is one that every page may read. Source: Fetch Standard, "CORS-safelisted response-header name".
        Assert.Equal(Sorted(expected.Append("Content-Length").Distinct(StringComparer.OrdinalIgnoreCase)), Sorted(exposed.Append("Content-Length").Distinct(StringComparer.OrdinalIgnoreCase)));
        foreach (string absent in new[] { "Credentials", "Methods", "Headers" })
        {
            Assert.Null(answer["Access-Control-Allow-" + absent]);
        }

        Assert.Null(answer["Access-Control-Max-Age"]);
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> names) => names.Select(static name => name.ToLowerInvariant()).Order(StringComparer.Ordinal);
}
