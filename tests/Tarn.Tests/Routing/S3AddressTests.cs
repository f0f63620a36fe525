using Tarn.Core.Errors;
using Tarn.S3.Routing;

namespace Tarn.Tests.Routing;

public class S3AddressTests
{
    private static readonly S3Domains Domains = new(["S3.example.com:9000", "example.com", ".objects.test"]);

    [Theory]
    [InlineData("/", null, null)]
    [InlineData("/?x-id=ListBuckets", null, null)]
    [InlineData("/b", "b", null)]
    [InlineData("/b/", "b", null)]
    [InlineData("/b?uploads", "b", null)]
    [InlineData("/b/k", "b", "k")]
    [InlineData("/b//", "b", "/")]
    [InlineData("/b//k", "b", "/k")]
    [InlineData("/b/a/../k", "b", "a/../k")]
    [InlineData("/b/./k/", "b", "./k/")]
    [InlineData("/b/a%2Fb", "b", "a/b")]
    [InlineData("/b/a%252Fb", "b", "a%2Fb")]
    [InlineData("/b/a+b", "b", "a+b")]
    [InlineData("/b/a%20b%2B", "b", "a b+")]
    [InlineData("/b/%01%7F%0A", "b", "\u0001\u007f\n")]
    [InlineData("/b/%C3%A9", "b", "é")]
    [InlineData("/b/é", "b", "é")]
    [InlineData("/b/%F0%9F%98%80", "b", "😀")]
    [InlineData("/my%2Dbucket/k", "my-bucket", "k")]
    [InlineData("http://other.test/b/k?acl", "b", "k")]
    [InlineData("HTTPS://other.test", null, null)]
    public void Path_style(string target, string? bucket, string? key) => Check(target, "127.0.0.1:9000", bucket, key, isVirtual: false);

    [Theory]
    [InlineData("b.s3.example.com", "/", "b", null)]
    [InlineData("b.S3.Example.COM:80", "/k", "b", "k")]
    [InlineData("My.Bucket.example.com", "//k", "My.Bucket", "/k")]
    [InlineData("b.objects.test.", "/k", "b", "k")]
    public void Virtual_host(string host, string target, string bucket, string? key) => Check(target, host, bucket, key, isVirtual: true);

    [Theory]
    [InlineData("s3.example.com")]
    [InlineData("EXAMPLE.com:9000")]
    [InlineData("notexample.com")]
    [InlineData("[::1]:9000")]
    [InlineData("")]
    [InlineData(null)]
    public void Hosts_that_name_no_bucket(string? host) => Check("/b/k", host, "b", "k", isVirtual: false);

    [Theory]
    [InlineData("http://b.example.com/k", "other.test", "k", null, false)]
    [InlineData("http://b.example.com\\x/other/k", "b.example.com", "b", "other/k", true)]
    [InlineData("http://b.example.com#x/other/k", "b.example.com", "b", "other/k", true)]
    [InlineData("http://x@b.example.com/k", "b.example.com", "b", "k", true)]
    public void The_signed_host_counts_and_not_that_of_the_absolute_form(string target, string host, string bucket, string? key, bool isVirtual) =>
        Check(target, host, bucket, key, isVirtual);

    [Theory]
    [InlineData("/b/%")]
    [InlineData("/b/%4")]
    [InlineData("/b/%zz")]
    [InlineData("/b/%FF")]
    [InlineData("/b/%C3")]
    [InlineData("/b/%ED%A0%80")]
    [InlineData("/b/%C0%AF")]
    [InlineData("/b/a%00b")]
    [InlineData("/%FF/k")]
    [InlineData("//k")]
    [InlineData("*")]
    [InlineData("ftp://h/b")]
    [InlineData("http:///b")]
    [InlineData("")]
    public void Malformed(string target) => Assert.Equal(S3Error.InvalidUri, S3Address.Parse(target, "h", Domains, out _));

    [Fact]
    public void Keys_end_at_1024_bytes()
    {
        Check("/b/" + string.Concat(Enumerable.Repeat("%C3%A9", 512)), "h", "b", new string('é', 512), isVirtual: false);
        Assert.Equal(S3Error.KeyTooLong, S3Address.Parse("/b/" + new string('k', 1025), "h", Domains, out _));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("&&", "")]
    [InlineData("uploads", "uploads=")]
    [InlineData("a=1&b=&a=2", "a=1|b=|a=2")]
    [InlineData("prefix=a+b%2Bc%20d&x=a=b", "prefix=a b+c d|x=a=b")]
    public void Queries(string raw, string pairs)
    {
        Assert.True(RequestQuery.TryParse(raw, out RequestQuery query));
        Assert.Equal(pairs, string.Join('|', query.Pairs.Select(p => $"{p.Key}={p.Value}")));
    }

    [Theory]
    [InlineData("a=%")]
    [InlineData("%FF")]
    public void Malformed_queries(string raw) => Assert.False(RequestQuery.TryParse(raw, out _));

    [Fact]
    public void Query_look_ups()
    {
        Assert.True(RequestQuery.TryParse("a=1&a=2&B", out RequestQuery query));
        Assert.Equal("1", query["a"]);
        Assert.True(query.Has("B"));
        Assert.False(query.Has("b"));
        Assert.Null(query["A"]);
    }

    private static void Check(string target, string? host, string? bucket, string? key, bool isVirtual)
    {
        Assert.Null(S3Address.Parse(target, host, Domains, out S3Address address));
        Assert.Equal(bucket, address.Bucket);
        Assert.Equal(key is null ? bucket is null ? S3Target.Service : S3Target.Bucket : S3Target.Object, address.Target);
        Assert.Equal(key ?? "", address.Key.ToString());
        Assert.Equal(isVirtual, address.IsVirtualHost);
    }
}
