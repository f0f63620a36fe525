using System.Net;
using System.Xml.Linq;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Disks;

/// <summary>What disks answer to questions about buckets: the settings that they have, have not, and cannot have.</summary>
public sealed class DiskSettingsHttpTests
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    [Fact]
    public async Task What_a_disk_is_can_be_asked_and_what_it_cannot_do_is_refused()
    {
        await using DiskServer server = await DiskServer.StartAsync();
        server.Write("k", "v");
        RawS3Response head = (await server.Client.SendAsync(HttpMethod.Head, server.Bucket)).Expect();
        Assert.Equal(("us-east-1", "bytes"), (head.Header("x-amz-bucket-region"), head.Header("Accept-Ranges")));
        Assert.Equal("LocationConstraint", (await server.QueryAsync(null, ("location", ""))).Expect().Xml.Name.LocalName);

        (HttpMethod Method, string? Key, string? Query)[] writes =
        [
            (HttpMethod.Put, "k", null), (HttpMethod.Delete, "k", null), (HttpMethod.Post, "k", "uploads"), (HttpMethod.Put, null, null), (HttpMethod.Delete, null, null),
            (HttpMethod.Post, null, "delete"), (HttpMethod.Put, "k", "tagging"), (HttpMethod.Put, null, "versioning"), (HttpMethod.Delete, null, "lifecycle"),
        ];
        foreach ((HttpMethod method, string? key, string? query) in writes)
        {
            RawS3Response refused = await server.Client.SendAsync(
                method, server.Bucket, key, query is null ? null : new Dictionary<string, string> { [query] = "" }, body: method == HttpMethod.Put ? "x"u8.ToArray() : null);
            Assert.Equal((HttpStatusCode.MethodNotAllowed, "MethodNotAllowed", "bytes"), (refused.Status, refused.ErrorCode, refused.Header("Accept-Ranges")));
        }

        RawS3Response copy = await server.Client.SendAsync(
            HttpMethod.Put, server.Bucket, "copy", headers: new Dictionary<string, string> { ["x-amz-copy-source"] = $"/{server.Bucket}/k" });
        Assert.Equal("MethodNotAllowed", copy.ErrorCode);
        Assert.Equal("v", (await server.GetAsync("k")).Text);
        Assert.Equal("v", (await server.QueryAsync("k", ("versionId", "null"))).Text);
    }

    [Theory]
    [InlineData("tagging", "NoSuchTagSet")]
    [InlineData("cors", "NoSuchCORSConfiguration")]
    [InlineData("lifecycle", "NoSuchLifecycleConfiguration")]
    [InlineData("policy", "NoSuchBucketPolicy")]
    [InlineData("policyStatus", "NoSuchBucketPolicy")]
    [InlineData("ownershipControls", "OwnershipControlsNotFoundError")]
    [InlineData("publicAccessBlock", "NoSuchPublicAccessBlockConfiguration")]
    [InlineData("encryption", "ServerSideEncryptionConfigurationNotFoundError")]
    [InlineData("object-lock", "ObjectLockConfigurationNotFoundError")]
    [InlineData("replication", "ReplicationConfigurationNotFoundError")]
    [InlineData("website", "NoSuchWebsiteConfiguration")]
    [InlineData("metadataTable", "MetadataConfigurationNotFound")]
    [InlineData("retention", "NoSuchObjectLockConfiguration", "k")]
    [InlineData("legal-hold", "NoSuchObjectLockConfiguration", "k")]
    [InlineData("uploadId", "NoSuchUpload", "k")]
    [InlineData("tagging", "NoSuchKey", "none")]
    [InlineData("acl", "NoSuchKey", "none")]
    [InlineData("attributes", "NoSuchKey", "none")]
    [InlineData("retention", "NoSuchKey", "none")]
    public async Task A_setting_that_no_disk_has_is_not_set(string query, string code, string? key = null)
    {
        await using DiskServer server = await DiskServer.StartAsync();
        server.Write("k", "v");
        RawS3Response answer = query == "attributes"
            ? await server.Client.SendAsync(
                HttpMethod.Get, server.Bucket, key, new Dictionary<string, string> { [query] = "" },
                new Dictionary<string, string> { ["x-amz-object-attributes"] = "ETag" })
            : await server.QueryAsync(key, (query, query == "uploadId" ? "x" : ""));
        Assert.Equal((HttpStatusCode.NotFound, code, "bytes"), (answer.Status, answer.ErrorCode, answer.Header("Accept-Ranges")));
    }

    [Theory]
    [InlineData("versioning", "VersioningConfiguration", "")]
    [InlineData("uploads", "ListMultipartUploadsResult", "")]
    [InlineData("acl", "AccessControlPolicy", "FULL_CONTROL")]
    [InlineData("acl", "AccessControlPolicy", "FULL_CONTROL", "k")]
    [InlineData("tagging", "Tagging", "", "k")]
    [InlineData("logging", "BucketLoggingStatus", "")]
    [InlineData("notification", "NotificationConfiguration", "")]
    [InlineData("requestPayment", "RequestPaymentConfiguration", "BucketOwner")]
    [InlineData("accelerate", "AccelerateConfiguration", "")]
    [InlineData("abac", "AbacStatus", "Disabled")]
    [InlineData("inventory", "ListInventoryConfigurationsResult", "false")]
    public async Task What_is_true_of_every_disk_is_said(string query, string root, string text, string? key = null)
    {
        await using DiskServer server = await DiskServer.StartAsync();
        server.Write("k", "v");
        XElement answer = (await server.QueryAsync(key, (query, ""))).Expect().Xml;
        Assert.Equal(root, answer.Name.LocalName);
        Assert.Contains(text, answer.Value, StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Elements(), element => element.Name.LocalName is "Upload" or "Tag" || (query == "versioning" && element.Name.LocalName == "Status"));
    }

    [Fact]
    public async Task The_versions_of_a_disk_are_its_files()
    {
        await using DiskServer server = await DiskServer.StartAsync();
        foreach (string key in new[] { "a", "b/c", "b/d", "e" })
        {
            server.Write(key, key);
        }

        XElement all = (await server.QueryAsync(null, ("versions", ""))).Expect().Xml;
        Assert.Equal(["a", "b/c", "b/d", "e"], all.Elements(S3 + "Version").Select(version => version.Element(S3 + "Key")!.Value));
        Assert.All(all.Elements(S3 + "Version"), version => Assert.Equal(("null", "true"), (version.Element(S3 + "VersionId")!.Value, version.Element(S3 + "IsLatest")!.Value)));

        var pages = new List<string>();
        (string Key, string Version) marker = ("", "");
        for (int i = 0; i < 5; i++)
        {
            XElement page = (await server.QueryAsync(
                null, ("versions", ""), ("delimiter", "/"), ("max-keys", "1"), ("key-marker", marker.Key), ("version-id-marker", marker.Version))).Expect().Xml;
            pages.AddRange(page.Descendants().Where(e => e.Name.LocalName == "Key" || (e.Name.LocalName == "Prefix" && e.Parent!.Name.LocalName == "CommonPrefixes")).Select(e => e.Value));
            if (page.Element(S3 + "IsTruncated")!.Value == "false")
            {
                break;
            }

            marker = (page.Element(S3 + "NextKeyMarker")!.Value, page.Element(S3 + "NextVersionIdMarker")?.Value ?? "");
        }

        Assert.Equal(["a", "b/", "e"], pages);
        Assert.Equal("InvalidArgument", (await server.QueryAsync(null, ("versions", ""), ("version-id-marker", "null"))).ErrorCode);
    }
}
