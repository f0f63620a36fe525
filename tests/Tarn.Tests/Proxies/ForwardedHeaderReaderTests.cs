using System.Net;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Disks.Catalog;
using Tarn.Server.Proxies;

namespace Tarn.Tests.Proxies;

public sealed class ForwardedHeaderReaderTests
{
    private static readonly IPAddress Peer = IPAddress.Parse("10.0.0.1");

    [Theory]
    [InlineData("", "10.0.0.1")]
    [InlineData(" , ,", "10.0.0.1")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("192.0.2.7:4711", "192.0.2.7")]
    [InlineData("2001:db8::7", "2001:db8::7")]
    [InlineData("[2001:db8::7]", "2001:db8::7")]
    [InlineData("[2001:db8::7]:4711", "2001:db8::7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("203.0.113.9, 192.0.2.7", "192.0.2.7")]
    [InlineData("203.0.113.9, 192.0.2.7, 10.0.0.2", "192.0.2.7")]
    [InlineData("203.0.113.9, 10.0.0.3, 192.0.2.7, 10.0.0.2, [fd00::1]:80", "192.0.2.7")]
    [InlineData("10.0.0.3, 10.0.0.2", "10.0.0.3")]
    [InlineData("not an address, 192.0.2.7", "192.0.2.7")]
    [InlineData("192.0.2.7, unknown", null)]
    [InlineData("192.0.2.7, unknown, 10.0.0.2", null)]
    [InlineData("_hidden", null)]
    [InlineData("_hidden:_port", null)]
    public void Addresses_are_read_from_the_right_as_far_as_proxies_wrote_them(string header, string? client)
    {
        Assert.Equal(client, Read(("X-Forwarded-For", header)).Client?.ToString());
    }

    [Theory]
    [InlineData("for=192.0.2.7", "192.0.2.7")]
    [InlineData("For=\"192.0.2.7:4711\";proto=https", "192.0.2.7")]
    [InlineData("for=\"[2001:db8::7]:4711\"", "2001:db8::7")]
    [InlineData("for=203.0.113.9, for=192.0.2.7;by=10.0.0.2 , for=10.0.0.2", "192.0.2.7")]
    [InlineData("for=192.0.2.7,for=unknown", null)]
    [InlineData("for=_gazonk", null)]
    [InlineData("for=\"_gazonk:_port\";ext=\"a\\\"b,c;d\"", null)]
    [InlineData("proto=https", "10.0.0.1")]
    [InlineData("for=192.0.2.7, proto=https", "10.0.0.1")]
    public void Forwarded_is_read_alike(string header, string? client)
    {
        Assert.Equal(client, Read(("Forwarded", header)).Client?.ToString());
    }

    [Fact]
    public void The_outermost_proxy_that_is_trusted_tells_scheme_and_host()
    {
        ForwardedFacts facts = Read(("Forwarded", "for=203.0.113.9;host=evil;proto=http, for=192.0.2.7;host=\"s3.example.com:8443\";proto=HTTPS, for=10.0.0.2;proto=http"));
        Assert.Equal(("https", "s3.example.com:8443"), (facts.Scheme, facts.Host));
    }

    [Fact]
    public void The_last_of_several_values_counts()
    {
        ForwardedFacts facts = Read(
            ("X-Forwarded-Proto", "http, HTTPS"), ("X-Forwarded-Host", "evil, s3.example.com"), ("X-Forwarded-Port", "1, 8443"), ("X-Forwarded-Prefix", "/evil, /s3/"));
        Assert.Equal(("https", "s3.example.com", 8443, "/s3"), (facts.Scheme, facts.Host, facts.Port, facts.Prefix));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "300.0.0.1")]
    [InlineData("X-Forwarded-For", "010.0.0.1")]
    [InlineData("X-Forwarded-For", "1")]
    [InlineData("X-Forwarded-For", "192.0.2.7:")]
    [InlineData("X-Forwarded-For", "192.0.2.7:65536")]
    [InlineData("X-Forwarded-For", "192.0.2.7:x")]
    [InlineData("X-Forwarded-For", "[192.0.2.7]")]
    [InlineData("X-Forwarded-For", "[2001:db8::7")]
    [InlineData("X-Forwarded-For", "[2001:db8::7]x")]
    [InlineData("X-Forwarded-For", "[[2001:db8::7]]")]
    [InlineData("X-Forwarded-For", "fe80::1%eth0")]
    [InlineData("X-Forwarded-For", "192.0.2.7/32")]
    [InlineData("X-Forwarded-For", "\"192.0.2.7\"")]
    [InlineData("X-Forwarded-For", "a.example.com")]
    [InlineData("X-Forwarded-For", "_")]
    [InlineData("X-Forwarded-For", "192.0.2.7, nonsense")]
    [InlineData("X-Forwarded-For", "nonsense, 10.0.0.2")]
    [InlineData("X-Forwarded-Proto", "ftp")]
    [InlineData("X-Forwarded-Proto", "https;")]
    [InlineData("X-Forwarded-Host", "a b")]
    [InlineData("X-Forwarded-Host", "user@host")]
    [InlineData("X-Forwarded-Host", "host/path")]
    [InlineData("X-Forwarded-Host", "host:0")]
    [InlineData("X-Forwarded-Host", "host:65536")]
    [InlineData("X-Forwarded-Host", "[::1")]
    [InlineData("X-Forwarded-Host", ":80")]
    [InlineData("X-Forwarded-Port", "0")]
    [InlineData("X-Forwarded-Port", "+80")]
    [InlineData("X-Forwarded-Port", "65536")]
    [InlineData("X-Forwarded-Prefix", "s3")]
    [InlineData("X-Forwarded-Prefix", "/a//b")]
    [InlineData("X-Forwarded-Prefix", "/../b")]
    [InlineData("X-Forwarded-Prefix", "/a?b")]
    [InlineData("X-Forwarded-Prefix", "/%2e")]
    [InlineData("Forwarded", "for")]
    [InlineData("Forwarded", "for=")]
    [InlineData("Forwarded", "=x")]
    [InlineData("Forwarded", "for=192.0.2.7 proto=https")]
    [InlineData("Forwarded", "for=2001:db8::7")]
    [InlineData("Forwarded", "for=[2001:db8::7]")]
    [InlineData("Forwarded", "for=\"2001:db8::7\"")]
    [InlineData("Forwarded", "for=\"192.0.2.7")]
    [InlineData("Forwarded", "for=\"192.0.2.7\\")]
    [InlineData("Forwarded", "for=192.0.2.7;for=192.0.2.8")]
    [InlineData("Forwarded", "for=192.0.2.7;proto=gopher")]
    [InlineData("Forwarded", "for=192.0.2.7;host=\"a b\"")]
    public void What_a_trusted_proxy_cannot_mean_is_refused(string name, string value)
    {
        var headers = new HeaderDictionary { [name] = value };
        Assert.False(ForwardedHeaderReader.TryRead(headers, Peer, 1, Trusted(), out _, out string wrong));
        Assert.Contains(name, wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("for=203.0.113.9", false)]
    [InlineData("for=192.0.2.7", true)]
    [InlineData("for=192.0.2.7;proto=http", false)]
    [InlineData("for=192.0.2.7;proto=https;host=S3.example.com", true)]
    [InlineData("for=192.0.2.7;host=other.example.com", false)]
    [InlineData("for=_hidden", false)]
    public void Two_kinds_of_headers_must_not_contradict_each_other(string forwarded, bool isGood)
    {
        var headers = new HeaderDictionary
        {
            ["X-Forwarded-For"] = "192.0.2.7", ["X-Forwarded-Proto"] = "https", ["X-Forwarded-Host"] = "s3.example.com", ["Forwarded"] = forwarded,
        };
        Assert.Equal(isGood, ForwardedHeaderReader.TryRead(headers, Peer, 1, Trusted(), out _, out _));
    }

    private static AddressList Trusted()
    {
        Assert.True(AddressList.TryParse(["10.0.0.0/8", "fd00::/8"], out AddressList list, out _));
        return list;
    }

    private static ForwardedFacts Read(params (string Name, string Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach ((string name, string value) in headers)
        {
            dictionary[name] = value;
        }

        Assert.True(ForwardedHeaderReader.TryRead(dictionary, Peer, 1, Trusted(), out ForwardedFacts facts, out string wrong), wrong);
        return facts;
    }
}
