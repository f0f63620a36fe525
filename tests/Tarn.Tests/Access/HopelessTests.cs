using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Access;

/// <summary>A requester whom nothing could allow is refused before the request's document is read.</summary>
public sealed class HopelessTests
{
    private const string Junk = "<no document";

    [Theory]
    [InlineData("POST bucket?delete")]
    [InlineData("PUT bucket/key?tagging")]
    [InlineData("PUT bucket?tagging")]
    [InlineData("PUT bucket?versioning")]
    [InlineData("PUT bucket?lifecycle")]
    [InlineData("PUT bucket?cors")]
    [InlineData("PUT bucket?acl")]
    [InlineData("PUT bucket/key?acl")]
    [InlineData("PUT bucket?ownershipControls")]
    [InlineData("PUT bucket?publicAccessBlock")]
    [InlineData("PUT bucket?policy")]
    [InlineData("PUT bucket?accelerate")]
    [InlineData("POST bucket/key?uploadId=x")]
    [InlineData("PUT new")]
    public async Task Its_document_is_not_looked_at(string what)
    {
        await using AccessHost host = await AccessHost.StartAsync(ObjectOwnership.BucketOwnerPreferred);
        await host.OkAsync("a", "PUT bucket", "", "x-amz-acl: public-read");
        await host.OkAsync("a", "PUT bucket/key", "x");
        await host.PolicyAsync(
            "bucket",
            """{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}""",
            """{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/*"}""");
        await host.RefusedAsync("AccessDenied", null, what, Junk, "x-amz-checksum-crc32: AAAAAA==");
        if (what != "PUT new")
        {
            await host.RefusedAsync("AccessDenied", "b.user", what, Junk, "x-amz-checksum-crc32: AAAAAA==");
            await host.RefusedAsync("AccessDenied", "a.user", what == "PUT bucket?policy" ? "PUT bucket?cors" : what, Junk, "x-amz-checksum-crc32: AAAAAA==");
        }
    }

    [Theory]
    [InlineData("s3:DeleteObject", "POST bucket?delete")]
    [InlineData("s3:DeleteObjectVersion", "POST bucket?delete")]
    [InlineData("s3:PutObjectTagging", "PUT bucket/key?tagging")]
    public async Task Who_might_be_allowed_is_read(string action, string what)
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket/key", "x");
        await host.PolicyAsync(
            "bucket", $$"""{"Effect":"Allow","Principal":"*","Action":"{{action}}","Resource":"arn:aws:s3:::bucket/a*","Condition":{"Bool":{"aws:SecureTransport":"true" } } }""");
        await host.RefusedAsync("BadDigest", null, what, Junk, "x-amz-checksum-crc32: AAAAAA==");
    }

    [Fact]
    public async Task A_list_that_lets_everybody_write_lets_them_send_keys()
    {
        await using AccessHost host = await AccessHost.StartAsync(ObjectOwnership.ObjectWriter);
        await host.OkAsync("a", "PUT bucket", "", "x-amz-acl: public-read-write");
        await host.RefusedAsync("BadDigest", null, "POST bucket?delete", Junk, "x-amz-checksum-crc32: AAAAAA==");
        await host.RefusedAsync("BadDigest", "b", "POST bucket?delete", Junk, "x-amz-checksum-crc32: AAAAAA==");
        await host.RefusedAsync("BadDigest", "a", "POST bucket?delete", Junk, "x-amz-checksum-crc32: AAAAAA==");
    }

    /// <summary>A key's policy is the reason only if it excludes every permission of which one would do.</summary>
    [Theory]
    [InlineData("s3:DeleteObject", DenialKind.NotAllowed)]
    [InlineData("s3:DeleteObjectVersion", DenialKind.NotAllowed)]
    [InlineData("s3:GetObject", DenialKind.KeyPolicy)]
    public async Task Why_nothing_could_allow_it_is_told(string allowed, DenialKind kind)
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        host.Identity.SetKeyPolicy("a.user!limited", $$"""{"Effect":"Allow","Action":"{{allowed}}","Resource":"*"}""");
        RawS3Response refused = await host.RefusedAsync("AccessDenied", "a.user!limited", "POST bucket?delete", Junk, "x-amz-checksum-crc32: AAAAAA==");
        Assert.True(host.Denials.TryFind(refused.Header("x-amz-request-id")!, out Denial? denial));
        Assert.Equal(kind, denial.Kind);
    }
}
