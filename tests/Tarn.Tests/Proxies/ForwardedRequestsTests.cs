using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tarn.S3.Routing;
using Tarn.Server.Configuration;
using Tarn.Server.Hosting;
using Tarn.TestKit.Http;
using Tarn.Tests.Server;

namespace Tarn.Tests.Proxies;

/// <summary>Requests as they appear behind the host's pipeline. The client of these tests is the proxy.</summary>
public sealed class ForwardedRequestsTests
{
    private static readonly (string, string)[] Everything =
    [
        ("X-Forwarded-For", "203.0.113.9, 192.0.2.7"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "s3.example.com"),
        ("X-Forwarded-Port", "8443"), ("X-Forwarded-Prefix", "/s3"),
    ];

    [Fact]
    public async Task A_trusted_proxy_is_believed()
    {
        Seen seen = await SendAsync(["127.0.0.1"], null, "/b/k", Everything);
        Assert.Equal(new Seen("192.0.2.7", "https", "s3.example.com:8443", "/b/k", "https://s3.example.com:8443/s3", "s3.example.com:8443/s3 s3.example.com/s3 h/s3"), seen);
    }

    [Theory]
    [InlineData("10.0.0.0/8")]
    [InlineData("192.0.2.7")]
    public async Task Nobody_else_is(string trusted)
    {
        (string, string)[] both = [.. Everything, ("Forwarded", "for=198.51.100.1;proto=https;host=evil")];
        Seen seen = await SendAsync([trusted], null, "/s3/b/k", both);
        Assert.Equal(new Seen("127.0.0.1", "http", "h", "/s3/b/k", "http://h", "h"), seen);
    }

    [Fact]
    public async Task Without_a_word_about_proxies_nothing_is_read()
    {
        Seen seen = await SendAsync([], null, "/s3/b/k", Everything);
        Assert.Equal(new Seen("127.0.0.1", "http", "h", "/s3/b/k", "", ""), seen);
    }

    [Fact]
    public async Task What_makes_no_sense_is_told_to_the_protocol_and_refused_by_the_control_address()
    {
        (string, string)[] bad = [("X-Forwarded-For", "nonsense")];
        await using TarnHost host = await StartAsync(["127.0.0.1"], null);
        Assert.Equal("The proxy's X-Forwarded-For is not a list of addresses.", await GetAsync(host.S3Url, "/refusal", bad));
        Assert.StartsWith("400 The proxy's X-Forwarded-For", await GetAsync(host.ControlUrl, "/health/live", bad), StringComparison.Ordinal);
        Assert.Equal("live\n", await GetAsync(host.ControlUrl, "/health/live", [("X-Forwarded-For", "192.0.2.7")]));
    }

    [Theory]
    [InlineData("/s3/b/k?x=/s3", "/b/k?x=/s3")]
    [InlineData("/s3//b/k", "//b/k")]
    [InlineData("/s3", "/")]
    [InlineData("/s3/", "/")]
    [InlineData("/s3?x", "/?x")]
    [InlineData("/s3x/k", "/s3x/k")]
    [InlineData("/%733/k", "/%733/k")]
    [InlineData("/b/s3/k", "/b/s3/k")]
    public async Task A_prefix_that_was_left_is_taken_off(string sent, string served)
    {
        Assert.Equal(served, (await SendAsync([], "https://h/s3", sent)).Target);
        Assert.Equal(served, (await SendAsync(["127.0.0.1"], "https://other/s3", sent)).Target);
        Assert.Equal(served, (await SendAsync(["127.0.0.1"], null, sent, ("X-Forwarded-Prefix", "/s3"))).Target);
        Assert.Equal(sent, (await SendAsync([], "https://other/s3", sent)).Target);
    }

    [Fact]
    public async Task The_external_url_is_the_address_where_the_proxy_says_nothing()
    {
        Seen seen = await SendAsync(["127.0.0.1"], "https://s3.example.com:8443/s3", "/b/k");
        Assert.Equal(
            new Seen("127.0.0.1", "http", "s3.example.com:8443", "/b/k", "https://s3.example.com:8443/s3", "h s3.example.com:8443/s3"),
            seen with { Names = string.Join(' ', seen.Names.Split(' ').Order(StringComparer.Ordinal)) });

        // An untrusted peer's claims about TLS and the host are ignored.
        Assert.Equal(new Seen("127.0.0.1", "http", "h", "/b/k", "http://h", "h s3.example.com:8443/s3"), await SendAsync([], "https://s3.example.com:8443/s3", "/b/k"));
        Assert.Equal("https://h/s3", (await SendAsync([], "https://h/s3", "/s3/b/k")).Url);
    }

    [Fact]
    public async Task A_signature_for_a_bucket_named_like_the_prefix_is_none_for_what_is_below_it()
    {
        // The proxy wrote a Host of its own; whatever was signed for that host had no prefix.
        Assert.DoesNotContain("h/s3", (await SendAsync(["127.0.0.1"], "https://s3.example.com/s3", "/b/k")).Names.Split(' '));
        Assert.DoesNotContain("h", (await SendAsync(["127.0.0.1"], "https://s3.example.com/s3", "/s3/b/k")).Names.Split(' '));
    }

    [Fact]
    public async Task A_host_without_its_port_gets_it()
    {
        Assert.Equal("https://s3.example.com", (await SendAsync(["127.0.0.1"], null, "/", ("X-Forwarded-Host", "s3.example.com"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "443"))).Url);
        Assert.Equal("http://h:8443", (await SendAsync(["127.0.0.1"], null, "/", ("X-Forwarded-Port", "8443"))).Url);
        Assert.Equal("https://h:8443", (await SendAsync(["127.0.0.1"], "https://h:8443", "/", ("X-Forwarded-Host", "h"), ("X-Forwarded-Proto", "https"))).Url);
        Assert.Equal("https://s3.example.com:1", (await SendAsync(["127.0.0.1"], null, "/", ("X-Forwarded-Host", "s3.example.com:1"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "8443"))).Url);
    }

    [Fact]
    public async Task A_bucket_in_the_host_stays_there()
    {
        ServerOptions options = Options(["127.0.0.1"], "https://s3.example.com") with { Domains = ["s3.example.com"] };
        await using TarnHost host = await StartAsync(options);
        Assert.Equal("bucket.s3.example.com", Seen.Parse(await GetAsync(host.S3Url, "/k", [("Host", "bucket.s3.example.com")])).Host);
        Assert.Equal("s3.example.com", Seen.Parse(await GetAsync(host.S3Url, "/k", [("Host", "upstream")])).Host);
    }

    [Fact]
    public async Task Requests_on_one_connection_do_not_know_of_each_other()
    {
        await using TarnHost host = await StartAsync(["127.0.0.1"], null);
        string two = "GET /1 HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        string answers = await RawConnection.AskAsync(new Uri(host.S3Url), two);
        Assert.Contains("192.0.2.7|https|h|/1|", answers, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1|http|h|/2|", answers, StringComparison.Ordinal);
    }

    private static async Task<Seen> SendAsync(string[] trusted, string? external, string target, params (string Name, string Value)[] headers)
    {
        await using TarnHost host = await StartAsync(trusted, external);
        return Seen.Parse(await GetAsync(host.S3Url, target, headers));
    }

    private static ServerOptions Options(string[] trusted, string? external)
    {
        var flags = new Dictionary<string, string[]>
        {
            ["--s3"] = ["127.0.0.1:0"], ["--control"] = ["127.0.0.1:0"], ["--log-level"] = ["none"],
        };
        if (trusted.Length > 0)
        {
            flags["--trusted-proxy"] = trusted;
        }

        if (external is not null)
        {
            flags["--external-url"] = [external];
        }

        return Bound.From(flags);
    }

    private static Task<TarnHost> StartAsync(string[] trusted, string? external) => StartAsync(Options(trusted, external));

    private static Task<TarnHost> StartAsync(ServerOptions options) => TestHost.StartAsync(options, EchoAsync);

    private static Task EchoAsync(HttpContext http)
    {
        PublicAddress? address = http.Features.Get<PublicAddress>();
        string names = string.Join(' ', address?.Names.Select(name => name.Authority + name.Prefix) ?? []);
        string url = address is null ? "" : $"{address.Scheme}://{address.Authority}{address.Prefix}";
        return http.Response.WriteAsync(address?.Refusal ?? string.Join(
            '|', http.Connection.RemoteIpAddress, http.Request.Scheme, http.Request.Host, http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, url, names));
    }

    private static async Task<string> GetAsync(string url, string target, (string Name, string Value)[] headers)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri(url + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.Host = "h";
        foreach ((string name, string value) in headers)
        {
            if (name == "Host")
            {
                request.Headers.Host = value;
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using HttpResponseMessage answer = await client.SendAsync(request);
        return (answer.StatusCode == HttpStatusCode.OK ? "" : $"{(int)answer.StatusCode} ") + await answer.Content.ReadAsStringAsync();
    }

    private sealed record Seen(string Remote, string Scheme, string Host, string Target, string Url, string Names)
    {
        public static Seen Parse(string text) => text.Split('|') is [var remote, var scheme, var host, var target, var url, var names]
            ? new Seen(remote, scheme, host, target, url, names)
            : throw new InvalidDataException(text);
    }
}
