using Tarn.Server.Configuration;
using Tarn.Tests.Server;

namespace Tarn.Tests.Proxies;

public sealed class ProxyOptionsTests
{
    [Theory]
    [InlineData("https://s3.example.com", "s3.example.com", "")]
    [InlineData("https://S3.Example.com:443/", "s3.example.com", "")]
    [InlineData("http://s3.example.com:443/a/b/", "s3.example.com:443", "/a/b")]
    [InlineData("https://[2001:db8::1]:8443/s3", "[2001:db8::1]:8443", "/s3")]
    public void An_external_url_has_an_authority_and_a_prefix(string text, string authority, string prefix)
    {
        ServerOptions options = Bound.From(new() { ["--external-url"] = [text] });
        Assert.Equal((authority, prefix), (options.Proxies.External!.Authority, options.Proxies.External.Prefix));
        Assert.Equal(options.Proxies.External.ToString(), options.ShareBase!.AbsoluteUri.TrimEnd('/'));
    }

    [Theory]
    [InlineData("s3.example.com")]
    [InlineData("ftp://s3.example.com")]
    [InlineData("https://user@s3.example.com")]
    [InlineData("https://s3.example.com/?")]
    [InlineData("https://s3.example.com/a?b=c")]
    [InlineData("https://s3.example.com/a#b")]
    [InlineData("https://s3.example.com/a//b")]
    [InlineData("https://s3.example.com/../b")]
    [InlineData("https://s3.example.com/a%20b")]
    [InlineData("https://")]
    public void Others_are_refused(string text)
    {
        Assert.StartsWith($"--external-url: '{text}' is not like", Bound.Refusal(new() { ["--external-url"] = [text] }), StringComparison.Ordinal);
    }

    [Fact]
    public void The_proxy_protocol_needs_somebody_to_believe()
    {
        Assert.Equal("--proxy-protocol: needs --trusted-proxy as well", Bound.Refusal(new() { ["--proxy-protocol"] = ["true"] }));
        Assert.True(Bound.From(new() { ["--proxy-protocol"] = ["true"], ["--trusted-proxy"] = ["127.0.0.1"] }).Proxies.ProxyProtocol);
        Assert.False(Bound.From(new() { ["--trusted-proxy"] = ["127.0.0.1"] }).Proxies.ProxyProtocol);
    }

    [Fact]
    public void Proxies_are_addresses_and_networks()
    {
        ServerOptions options = Bound.From(variables: new() { ["TARN_TRUSTED_PROXY"] = "10.0.0.0/8, ::1" });
        Assert.Equal(["10.0.0.0/8", "::1/128"], options.Proxies.Trusted!.Networks);
        Assert.True(options.Proxies.Trusts(System.Net.IPAddress.Parse("::ffff:10.1.2.3")));
        Assert.False(options.Proxies.Trusts(System.Net.IPAddress.Parse("11.1.2.3")));
        Assert.False(options.Proxies.Trusts(null));
        Assert.False(Bound.From().Proxies.Trusts(System.Net.IPAddress.Loopback));
        Assert.Equal(
            "--trusted-proxy: 'proxy.example.com' is neither an address nor a network in CIDR notation",
            Bound.Refusal(new() { ["--trusted-proxy"] = ["10.0.0.1", "proxy.example.com"] }));
    }
}
