using Tarn.Conformance.Support;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 User Guide, "Virtual hosting of general purpose buckets".</summary>
public sealed class VirtualHost(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Bucket_in_the_host_name()
    {
        string bucket = await NewBucketAsync();
        string host = Host(bucket);
        (await Raw.SendAsync("PUT", "/a//b%20c", [], Utf8("data"), host: host)).Expect(200);
        Assert.Equal("data", (await Raw.SendAsync("GET", "/a//b%20c", host: host)).Expect(200).Text);
        Assert.Equal("data", await ReadAsync(bucket, "a//b c"));
        Assert.Equal(["a//b c"], (await Raw.SendAsync("GET", "/?list-type=2", host: host)).Expect(200).Elements("Key"));
        (await Raw.SendAsync("DELETE", "/a//b%20c", host: host)).Expect(204);
        (await Raw.SendAsync("DELETE", "/", host: host)).Expect(204);
        (await Raw.SendAsync("HEAD", "/", host: host)).Expect(404);
    }

    [Fact]
    public async Task Bucket_is_created_by_host_name()
    {
        string bucket = NewName();
        (await Raw.SendAsync("PUT", "/", [], [], host: Host(bucket))).Expect(200);
        (await Raw.SendAsync("HEAD", "/" + bucket)).Expect(200);
    }

    [Fact]
    public async Task Dots_belong_to_the_bucket_and_ports_and_case_do_not_matter()
    {
        string bucket = NewName() + ".with.dots";
        (await Raw.SendAsync("PUT", "/" + bucket)).Expect(200);
        (await Raw.SendAsync("HEAD", "/", host: Host(bucket))).Expect(200);
        (await Raw.SendAsync("HEAD", "/", host: Host(bucket) + ":8080")).Expect(200);
        (await Raw.SendAsync("HEAD", "/", host: $"{bucket}.{Endpoint.Domain!.ToUpperInvariant()}")).Expect(200);
        (await Raw.SendAsync("DELETE", "/" + bucket)).Expect(204);
    }

    [Fact]
    public async Task The_bare_domain_and_foreign_hosts_are_path_style()
    {
        string bucket = await NewBucketAsync();
        Host(bucket);
        (await Raw.SendAsync("HEAD", "/" + bucket, host: Endpoint.Domain)).Expect(200);
        (await Raw.SendAsync("HEAD", "/" + bucket, host: "proxy.example.com:444")).Expect(200);
        Assert.Contains(bucket, (await Raw.SendAsync("GET", "/", host: Endpoint.Domain)).Expect(200).Elements("Name"));
    }

    [Fact]
    public async Task Missing_and_invalid_buckets_are_refused()
    {
        (await Raw.SendAsync("GET", "/key", host: Host(NewName()))).ExpectError(404, "NoSuchBucket");
        (await Raw.SendAsync("PUT", "/", [], [], host: Host("a_b"))).ExpectError(400, "InvalidBucketName");
    }

    private string Host(string bucket)
    {
        Assert.SkipWhen(Endpoint.Domain is null, "The endpoint has no domain for virtual-host addressing.");
        return $"{bucket}.{Endpoint.Domain}";
    }
}
