using Microsoft.AspNetCore.Http;
using Tarn.Server.Hosting;
using Tarn.TestKit.Http;
using Tarn.Tests.Control;

namespace Tarn.Tests.Server;

/// <summary>The end of a request must be unambiguous: if a proxy disagrees about it, a second request can be smuggled inside the first.</summary>
public sealed class RequestFramingTests
{
    private const string Host = "Host: h\r\nConnection: close\r\n";

    private static readonly string[] Ambiguous =
    [
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: +5\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: -0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: 5 5\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: 5, 5\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: 0x5\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: 5.\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: \v5\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length:\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: 99999999999999999999\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: identity\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
        "PUT /a HTTP/1.0\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length : 5\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + " Content-Length: 5\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + "X: a\r\n Content-Length: 5\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\n" + Host + "X: a\r\n\tb\r\nContent-Length: 0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "X: a\rY: b\r\nContent-Length: 0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "X: a\0b\r\nContent-Length: 0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: 0\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Content-Length: 0\r\n\n",
        "PUT /a HTTP/1.1\nHost: h\r\nContent-Length: 0\r\n\r\n",
        "GET /a HTTP/1.1\nHost: h\n\n",
    ];

    /// <summary>Found only when the body is read, which a refusal may come before.</summary>
    private static readonly string[] AmbiguousBodies =
    [
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\n\n",
    ];

    [Fact]
    public async Task What_ends_differently_for_others_is_refused()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await AssertRefusedAsync(server.S3Url, Ambiguous);
        await AssertRefusedAsync(server.Url, Ambiguous);
    }

    [Fact]
    public async Task A_body_that_ends_differently_for_others_is_refused()
    {
        await using TarnHost host = await StartAsync();
        await AssertRefusedAsync(host.S3Url, AmbiguousBodies);
        await AssertRefusedAsync(host.ControlUrl, AmbiguousBodies);
    }

    private static async Task AssertRefusedAsync(string url, string[] requests)
    {
        var taken = new List<string>();
        foreach (string request in requests)
        {
            string answer = await RawConnection.AskAsync(new Uri(url), request);
            if (!answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal) || !answer.Contains("Connection: close", StringComparison.Ordinal))
            {
                taken.Add($"{request}: {answer}");
            }
        }

        Assert.True(taken.Count == 0, string.Join('\n', taken.Select(t => t.ReplaceLineEndings("|"))));
    }

    [Theory]
    [InlineData("PUT /a HTTP/1.1\r\n" + Host + "Content-Length: 5\r\n\r\nhello")]
    [InlineData("PUT /a HTTP/1.1\r\n" + Host + "Content-Length: \t 5 \r\n\r\nhello")]
    [InlineData("PUT /a HTTP/1.1\r\n" + Host + "Content-Length: 0000000000000000005\r\n\r\nhello")]
    [InlineData("PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("PUT /a HTTP/1.1\r\n" + Host + "Transfer-Encoding: Chunked\r\n\r\n5;ext=1\r\nhello\r\n0\r\nTrailer: x\r\n\r\n")]
    [InlineData("PUT /a HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello")]
    public async Task What_is_clear_is_taken(string request)
    {
        await using TarnHost host = await StartAsync();
        foreach (string url in new[] { host.S3Url, host.ControlUrl })
        {
            string answer = await RawConnection.AskAsync(new Uri(url), request);
            Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
            Assert.Contains("[hello]", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Bare_line_feeds_inside_a_body_are_its_own_business()
    {
        const string trailers = "0\r\nx-amz-checksum-crc32:AAAAAA==\n\r\n\r\n";
        await using TarnHost host = await StartAsync();
        string answer = await RawConnection.AskAsync(
            new Uri(host.S3Url), $"PUT /a HTTP/1.1\r\n{Host}Content-Encoding: aws-chunked\r\nContent-Length: {trailers.Length}\r\n\r\n{trailers}");
        Assert.Contains($"[{trailers}]", answer, StringComparison.Ordinal);
    }

    private static Task<TarnHost> StartAsync() => TestHost.StartAsync(
        Bound.From(TestHost.FreePorts), EchoAsync, routes => Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapPut(routes, "/a", EchoAsync));

    private static async Task EchoAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        await http.Response.WriteAsync($"[{await reader.ReadToEndAsync()}]");
    }
}
