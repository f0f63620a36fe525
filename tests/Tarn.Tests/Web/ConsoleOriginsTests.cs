using Microsoft.AspNetCore.Http;
using Tarn.Server.Configuration;
using Tarn.Server.Proxies;
using Tarn.Tests.Server;

namespace Tarn.Tests.Web;

/// <summary>Which origins are the console's, and where its pages reach S3.</summary>
public sealed class ConsoleOriginsTests
{
    private const string Everywhere = ":9001";
    private const string Loopback = "127.0.0.1:9001";

    [Theory]
    [InlineData(Everywhere, "http://tarn.test:9001", "tarn.test:9000", true)]
    [InlineData(Everywhere, "http://tarn.test:9001", "TARN.test:9000", true)]
    [InlineData(Everywhere, "http://tarn.test:9001", "tarn.test", true)]
    [InlineData(Everywhere, "http://192.0.2.7:9001", "192.0.2.7:9000", true)]
    [InlineData(Everywhere, "http://[2001:db8::7]:9001", "[2001:db8::7]:9000", true)]
    [InlineData(Everywhere, "http://localhost:9001", "127.0.0.1:9000", true)]
    [InlineData(Everywhere, "http://[::1]:9001", "localhost:9000", true)]
    [InlineData(Loopback, "http://localhost:9001", "127.0.0.1:9000", true)]
    [InlineData(Loopback, "http://127.0.0.1:9001", "s3.example.com", true)]
    [InlineData(Everywhere, "http://xn--tr-mia.test:9001", "xn--tr-mia.test:9000", true)]
    // Every name of loopback is one.
    [InlineData("127.0.0.2:9001", "http://127.0.0.2:9001", "127.0.0.2:9000", true)]
    [InlineData("127.0.0.2:9001", "http://tarn.localhost:9001", "127.0.0.2:9000", true)]
    [InlineData(Loopback, "http://tarn.localhost:9001", "tarn.localhost:9000", true)]
    [InlineData(Everywhere, "http://127.0.0.9:9001", "tarn.localhost:9000", true)]
    [InlineData(Loopback, "http://notlocalhost:9001", "notlocalhost:9000", false)]
    [InlineData(Loopback, "http://localhost.evil:9001", "localhost:9000", false)]
    [InlineData(Loopback, "http://127.0.0.1.evil:9001", "127.0.0.1:9000", false)]
    [InlineData(Loopback, "http://.localhost:9001", "localhost:9000", false)]
    // Another port, scheme, host, or part of one.
    [InlineData(Everywhere, "http://tarn.test:9000", "tarn.test:9000", false)]
    [InlineData(Everywhere, "http://tarn.test:19001", "tarn.test:9000", false)]
    [InlineData(Everywhere, "http://tarn.test", "tarn.test:9000", false)]
    [InlineData(Everywhere, "https://tarn.test:9001", "tarn.test:9000", false)]
    [InlineData(Everywhere, "http://evil.tarn.test:9001", "tarn.test:9000", false)]
    [InlineData(Everywhere, "http://tarn.test.evil:9001", "tarn.test:9000", false)]
    [InlineData(Everywhere, "http://evil:9001", "tarn.test:9000", false)]
    [InlineData(Everywhere, "http://localhost:9001", "tarn.test:9000", false)]
    [InlineData(Everywhere, "http://tarn.test:9001", "localhost:9000", false)]
    [InlineData(Loopback, "http://tarn.test:9001", "tarn.test:9000", false)]
    // What no browser sends.
    [InlineData(Everywhere, "null", "tarn.test:9000", false)]
    [InlineData(Everywhere, "", "tarn.test:9000", false)]
    [InlineData(Everywhere, "*", "tarn.test:9000", false)]
    [InlineData(Everywhere, "http://:9001", ":9000", false)]
    [InlineData(Everywhere, "http://:9001", "", false)]
    [InlineData(Everywhere, "http://tarn.test:9001/", "tarn.test:9000", false)]
    [InlineData(Everywhere, "HTTP://tarn.test:9001", "tarn.test:9000", false)]
    [InlineData(Everywhere, "http://user@tarn.test:9001", "user@tarn.test:9000", false)]
    [InlineData(Everywhere, "http://a b:9001", "a b:9000", false)]
    [InlineData(Everywhere, "http://a;script-src *:9001", "a;script-src *:9000", false)]
    [InlineData(Everywhere, "http://9001", "9001", false)]
    public void Without_a_url_of_its_own_the_console_is_the_control_address(string control, string origin, string host, bool isConsole) =>
        Assert.Equal(isConsole, Of(control).MadeS3Request(Request("http", host, origin).Headers));

    [Theory]
    [InlineData("http://console.s3.test:9001", "s3.test:9000", true)]
    [InlineData("http://console.s3.test:9001", "console.s3.test:9000", true)]
    [InlineData("http://a.b.s3.test:9001", "s3.test:9000", true)]
    [InlineData("http://s3.test:9001", "s3.test:9000", true)]
    [InlineData("http://console.s3.test:9001", "other.s3.test:9000", false)]
    [InlineData("http://s3.test:9001", "photos.s3.test:9000", false)]
    [InlineData("http://consoles3.test:9001", "s3.test:9000", false)]
    [InlineData("http://console.s3.test.evil:9001", "s3.test:9000", false)]
    [InlineData("http://console.s3.test:9000", "s3.test:9000", false)]
    public void A_page_below_a_domain_uses_s3_at_the_domain(string origin, string host, bool isConsole) =>
        Assert.Equal(isConsole, Of(Everywhere, domain: "s3.test").MadeS3Request(Request("http", host, origin).Headers));

    [Theory]
    [InlineData("https://console.example.com", "https://console.example.com", true)]
    [InlineData("https://Console.example.com:443/", "https://console.example.com", true)]
    [InlineData("http://localhost:9500", "http://localhost:9500", true)]
    [InlineData("https://console.example.com", "https://console.example.com:443", false)]
    [InlineData("https://console.example.com", "http://console.example.com", false)]
    [InlineData("https://console.example.com", "https://evil.console.example.com", false)]
    [InlineData("https://console.example.com", "http://127.0.0.1:9001", false)]
    [InlineData("http://localhost:9500", "http://127.0.0.1:9500", false)]
    public void With_one_it_is_that_alone(string told, string origin, bool isConsole) =>
        Assert.Equal(isConsole, Of(Loopback, told).MadeS3Request(Request("http", "127.0.0.1:9000", origin).Headers));

    [Fact]
    public void Two_origins_are_none()
    {
        HttpRequest request = Request("http", "127.0.0.1:9000", "http://127.0.0.1:9001");
        Assert.True(Of(Loopback).MadeS3Request(request.Headers));
        request.Headers.Append("Origin", "http://127.0.0.1:9001");
        Assert.False(Of(Loopback).MadeS3Request(request.Headers));
        Assert.False(Of(Loopback).IsSameOrigin(request));
    }

    [Theory]
    [InlineData(null, "http", "127.0.0.1:9001", "http://127.0.0.1:9001", true)]
    [InlineData(null, "https", "tarn.test", "https://tarn.test", true)]
    [InlineData(null, "https", "tarn.test:443", "https://tarn.test", true)]
    [InlineData(null, "https", "tarn.test:8443", "https://tarn.test:8443", true)]
    [InlineData("https://console.example.com", "http", "10.0.0.1:9001", "https://console.example.com", true)]
    [InlineData(null, "http", "127.0.0.1:9001", "http://127.0.0.1:9000", false)]
    [InlineData(null, "http", "127.0.0.1:9001", "http://localhost:9001", false)]
    [InlineData(null, "http", "tarn.test", "https://tarn.test", false)]
    [InlineData(null, "http", "tarn.test", "http://tarn.test.evil", false)]
    [InlineData(null, "http", "tarn.test", "null", false)]
    [InlineData(null, "http", "a b", "http://a b", false)]
    public void A_page_of_the_control_address_is_known_by_scheme_host_and_port(string? told, string scheme, string host, string origin, bool isSame) =>
        Assert.Equal(isSame, Of(Everywhere, told).IsSameOrigin(Request(scheme, host, origin)));

    [Theory]
    [InlineData(":9000", null, "tarn.test:9001", "http://tarn.test:9000", "http://tarn.test:9000")]
    [InlineData(":9000", null, "localhost:9001", "http://localhost:9000", "http://localhost:9000")]
    [InlineData("127.0.0.1:9000", null, "localhost:9001", "http://localhost:9000", "http://localhost:9000")]
    [InlineData("10.0.0.5:9000", null, "localhost:9001", "http://10.0.0.5:9000", "http://10.0.0.5:9000")]
    [InlineData("10.0.0.5:9000", null, "tarn.test:9001", "http://tarn.test:9000", "http://tarn.test:9000")]
    [InlineData(":80", null, "tarn.test:9001", "http://tarn.test", "http://tarn.test")]
    // No policy of a page can name an IPv6 address.
    [InlineData(":80", null, "[2001:db8::7]:9001", null, null)]
    [InlineData("[2001:db8::7]:9000", null, "localhost:9001", null, null)]
    [InlineData(":9000", "https://[2001:db8::7]", "tarn.test:9001", null, null)]
    [InlineData(":9000", null, "[::1]:9001", "http://localhost:9000", "http://localhost:9000")]
    [InlineData("[::1]:9000", null, "[::1]:9001", "http://localhost:9000", "http://localhost:9000")]
    [InlineData("[::1]:9000", null, "127.0.0.1:9001", "http://localhost:9000", "http://localhost:9000")]
    [InlineData("localhost:9000", null, "[::1]:9001", "http://localhost:9000", "http://localhost:9000")]
    [InlineData("127.0.0.1:9000", null, "[::1]:9001", "http://127.0.0.1:9000", "http://127.0.0.1:9000")]
    // One address of loopback is not another.
    [InlineData("127.0.0.2:9000", null, "127.0.0.2:9001", "http://127.0.0.2:9000", "http://127.0.0.2:9000")]
    [InlineData("127.0.0.2:9000", null, "localhost:9001", "http://127.0.0.2:9000", "http://127.0.0.2:9000")]
    [InlineData("127.0.0.1:9000", null, "127.0.0.2:9001", "http://127.0.0.1:9000", "http://127.0.0.1:9000")]
    [InlineData("localhost:9000", null, "127.0.0.2:9001", "http://localhost:9000", "http://localhost:9000")]
    [InlineData("0.0.0.0:9000", null, "127.0.0.2:9001", "http://127.0.0.2:9000", "http://127.0.0.2:9000")]
    [InlineData("127.0.0.1:9000", null, "tarn.localhost:9001", "http://tarn.localhost:9000", "http://tarn.localhost:9000")]
    [InlineData(":9000", "https://s3.example.com:8443/s3", "tarn.test:9001", "https://s3.example.com:8443/s3", "https://s3.example.com:8443")]
    [InlineData(":9000", "https://s3.example.com", "a;script-src *", "https://s3.example.com", "https://s3.example.com")]
    [InlineData(":9000", null, "a;script-src *", null, null)]
    [InlineData(":9000", null, "a,b", null, null)]
    [InlineData(":9000", null, "a'b", null, null)]
    [InlineData(":9000", null, "tarn.test:x", null, null)]
    [InlineData(":9000", null, "", null, null)]
    public void S3_is_where_it_is_said_to_be_or_beside_the_console(string s3, string? external, string host, string? url, string? origin)
    {
        ConsoleOrigins origins = Of(Everywhere, s3: s3, external: external);
        HttpRequest request = Request("http", host, "");
        Assert.Equal((url, origin), (origins.S3UrlFor(request), origins.S3OriginFor(request)));
    }

    [Theory]
    [InlineData("console.s3.test:9001", "http://s3.test:9000")]
    [InlineData("CONSOLE.S3.test:9001", "http://s3.test:9000")]
    [InlineData("a.b.s3.test:9001", "http://s3.test:9000")]
    [InlineData("s3.test:9001", "http://s3.test:9000")]
    [InlineData("s3.testing:9001", "http://s3.testing:9000")]
    [InlineData("x.localhost:9001", "http://localhost:9000")]
    public void A_name_below_a_domain_would_be_a_bucket(string host, string url) =>
        Assert.Equal(url, Of(Everywhere, domain: host.Contains("localhost", StringComparison.Ordinal) ? "localhost" : "s3.test").S3UrlFor(Request("http", host, "")));

    [Fact]
    public void A_port_that_is_not_yet_known_is_not_kept()
    {
        string control = "http://127.0.0.1:0";
        var origins = new ConsoleOrigins(Bound.From(new() { ["--control"] = ["127.0.0.1:0"] }), () => "http://127.0.0.1:9000", () => control);
        IHeaderDictionary headers = Request("http", "127.0.0.1:9000", "http://127.0.0.1:9001").Headers;
        Assert.False(origins.MadeS3Request(headers));
        control = "http://127.0.0.1:9001";
        Assert.True(origins.MadeS3Request(headers));
    }

    /// <summary>What users store would be pages of the console.</summary>
    [Theory]
    [InlineData("https://example.com", "--external-url", "https://example.com", false)]
    [InlineData("https://example.com", "--external-url", "https://EXAMPLE.com:443/s3", false)]
    [InlineData("https://example.com:9001/", "--external-url", "https://example.com:9001/s3", false)]
    [InlineData("https://example.com", "--share-url", "https://example.com/files", false)]
    [InlineData("https://example.com", "--external-url", "https://s3.example.com", true)]
    [InlineData("https://example.com", "--external-url", "https://example.com:9000", true)]
    [InlineData("https://example.com", "--external-url", "http://example.com:443", true)]
    [InlineData("https://example.com", "--share-url", "https://files.example.com", true)]
    public void The_console_has_an_origin_of_its_own(string console, string flag, string url, bool starts)
    {
        var flags = new Dictionary<string, string[]> { ["--console-url"] = [console], [flag] = [url] };
        if (starts)
        {
            Bound.From(flags);
        }
        else
        {
            Assert.StartsWith($"--console-url: {flag} {url} is of the same origin", Bound.Refusal(flags), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("console.example.com")]
    [InlineData("ftp://console.example.com")]
    [InlineData("https://console.example.com/console")]
    [InlineData("https://console.example.com/?x")]
    [InlineData("https://user@console.example.com")]
    [InlineData("")]
    public void A_url_that_is_no_origin_is_refused(string url) =>
        Assert.StartsWith("--console-url: ", Bound.Refusal(new() { ["--console-url"] = [url] }), StringComparison.Ordinal);

    internal static ConsoleOrigins Of(string control, string? told = null, string s3 = ":9000", string? external = null, string? domain = null)
    {
        var flags = new Dictionary<string, string[]> { ["--control"] = [control], ["--s3"] = [s3] };
        if (told is not null)
        {
            flags["--console-url"] = [told];
        }

        if (external is not null)
        {
            flags["--external-url"] = [external];
        }

        if (domain is not null)
        {
            flags["--domain"] = [domain];
        }

        ServerOptions options = Bound.From(flags);
        return new ConsoleOrigins(options, () => $"http://{options.S3.LocalHost}:{options.S3.Port}", () => $"http://{options.Control.LocalHost}:{options.Control.Port}");
    }

    internal static HttpRequest Request(string scheme, string host, string? origin)
    {
        HttpRequest request = new DefaultHttpContext().Request;
        request.Scheme = scheme;
        request.Headers.Host = host;
        request.Headers.Origin = origin;
        return request;
    }
}
