using System.Net;
using Tarn.Core.Disks.Catalog;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Disks;

/// <summary>What a disk refuses over HTTP, and to whom.</summary>
public sealed class DiskRefusalTests
{
    [Theory]
    [InlineData("k", "select=&select-type=2", HttpStatusCode.NotImplemented, "NotImplemented")]
    [InlineData("k", "restore=", HttpStatusCode.NotImplemented, "NotImplemented")]
    [InlineData("k", "", HttpStatusCode.MethodNotAllowed, "MethodNotAllowed")]
    [InlineData(null, "", HttpStatusCode.MethodNotAllowed, "MethodNotAllowed")]
    [InlineData(null, "metadataTable=", HttpStatusCode.MethodNotAllowed, "MethodNotAllowed")]
    public async Task A_post_is_refused_and_the_answer_is_that_of_a_disk(string? key, string query, HttpStatusCode status, string code)
    {
        await using DiskServer server = await DiskServer.StartAsync();
        server.Write("k", "v");
        Dictionary<string, string> parameters = query.Split('&', StringSplitOptions.RemoveEmptyEntries).ToDictionary(p => p.Split('=')[0], p => p.Split('=')[1]);
        RawS3Response signed = await server.Client.SendAsync(HttpMethod.Post, server.Bucket, key, parameters, body: "<x/>"u8.ToArray());
        Assert.Equal((status, code, "bytes"), (signed.Status, signed.ErrorCode, signed.Header("Accept-Ranges")));
        Assert.Equal("v", (await server.GetAsync("k")).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_disk_takes_forms_whether_it_exists_or_not(bool exists)
    {
        await using DiskServer server = await DiskServer.StartAsync();
        using var anonymous = new HttpClient();
        foreach (HttpContent content in new HttpContent[]
        {
            new MultipartFormDataContent { { new StringContent("k"), "key" }, { new StringContent("v"), "file", "k" } },
            new StringContent("k=v", null, "application/x-www-form-urlencoded"),
        })
        {
            using (content)
            {
                var address = new Uri(server.Client.Address, exists ? server.Bucket : "dsk-0123456789abcdef");
                using HttpResponseMessage answer = await anonymous.PostAsync(address, content, DiskFixture.Token);
                Assert.Equal((HttpStatusCode.MethodNotAllowed, "bytes"), (answer.StatusCode, string.Join(',', answer.Headers.AcceptRanges)));
                Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow);
            }
        }

        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync("k")).Status);
    }

    [Theory]
    [InlineData("%00")]
    [InlineData("a%00b")]
    [InlineData("%zz")]
    [InlineData("%")]
    [InlineData("%ff")]
    [InlineData("%c3%28")]
    public async Task A_key_that_no_file_can_have_is_refused_with_the_headers_of_a_disk(string key)
    {
        await using DiskServer server = await DiskServer.StartAsync();
        foreach (HttpMethod method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Put })
        {
            using HttpResponseMessage answer = await server.SendRawAsync(method, $"/{server.Bucket}/{key}");
            Assert.InRange((int)answer.StatusCode, 400, 499);
            Assert.Equal((method, key, "bytes"), (method, key, string.Join(',', answer.Headers.AcceptRanges)));
        }

        using HttpResponseMessage elsewhere = await server.SendRawAsync(HttpMethod.Get, $"/objects/{key}");
        Assert.Empty(elsewhere.Headers.AcceptRanges);
    }

    [Fact]
    public async Task A_key_of_a_disk_opens_that_disk_and_nothing_else()
    {
        await using DiskServer server = await DiskServer.StartAsync();
        server.Write("k", "v");
        Assert.Equal("MethodNotAllowed", (await server.Client.SendAsync(HttpMethod.Get, null)).ErrorCode);
        foreach (string bucket in new[] { "objects", "missing", "dsk-0123456789abcdef" })
        {
            foreach (HttpMethod method in new[] { HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete })
            {
                Assert.Equal("AccessDenied", (await server.Client.SendAsync(method, bucket, "k")).ErrorCode);
                Assert.Equal("AccessDenied", (await server.Client.SendAsync(method, bucket)).ErrorCode);
            }
        }

        Assert.Equal("AccessDenied", (await server.RootClient.GetAsync(server.Bucket, "k")).ErrorCode);
        Assert.Equal("AccessDenied", (await server.RootClient.SendAsync(HttpMethod.Put, server.Bucket)).ErrorCode);
        Assert.Equal("AccessDenied", (await server.RootClient.SendAsync(HttpMethod.Get, "dsk-0123456789abcdef")).ErrorCode);
        RawS3Response copy = await server.RootClient.SendAsync(
            HttpMethod.Put, "objects", "copy", headers: new Dictionary<string, string> { ["x-amz-copy-source"] = $"{server.Bucket}/k" });
        Assert.Equal("AccessDenied", copy.ErrorCode);
        Assert.True((await server.RootClient.PutAsync("objects", "k", "v"u8.ToArray())).IsSuccess);
        using (var anonymous = new HttpClient())
        {
            using HttpResponseMessage answer = await anonymous.GetAsync(new Uri(server.Client.Address, $"{server.Bucket}/k"), DiskFixture.Token);
            Assert.Equal((HttpStatusCode.Forbidden, "bytes"), (answer.StatusCode, string.Join(',', answer.Headers.AcceptRanges)));
        }

        using RawS3Client stranger = server.ClientOf("STRANGER", server.Bucket, organization: "another");
        Assert.Equal("AccessDenied", (await stranger.GetAsync(server.Bucket, "k")).ErrorCode);

        // The key of a deleted disk.
        using RawS3Client orphan = server.ClientOf("ORPHAN", "dsk-0123456789abcdef");
        Assert.Equal("NoSuchBucket", (await orphan.SendAsync(HttpMethod.Get, "dsk-0123456789abcdef")).ErrorCode);
        Assert.Equal("AccessDenied", (await orphan.GetAsync(server.Bucket, "k")).ErrorCode);
    }

    [Fact]
    public async Task A_disk_is_read_only_from_where_it_may_be()
    {
        await using DiskServer server = await DiskServer.StartAsync();
        server.Write("k", "v");
        Assert.True(AddressList.TryParse(["192.0.2.0/24"], out AddressList elsewhere, out _));
        await server.Files.Catalog.SetAllowedAddressesAsync(server.Disk.Id, elsewhere, DiskFixture.Token);
        Assert.Equal("AccessDenied", (await server.GetAsync("k")).ErrorCode);
        Assert.True(AddressList.TryParse(["192.0.2.0/24", "127.0.0.1"], out AddressList here, out _));
        await server.Files.Catalog.SetAllowedAddressesAsync(server.Disk.Id, here, DiskFixture.Token);
        Assert.Equal("v", (await server.GetAsync("k")).Text);
        await server.Files.Catalog.SetAllowedAddressesAsync(server.Disk.Id, AddressList.Any, DiskFixture.Token);
        Assert.Equal("v", (await server.GetAsync("k")).Text);
    }
}
