using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Acceleration;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Server.Accelerator;
using Tarn.Server.Configuration;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Accelerator;

/// <summary>A server and an accelerator in front of it, used by a client of AWS: what the client sees is what the server has, in every moment.</summary>
public sealed class AcceleratedServerTests : IAsyncLifetime
{
    private const int MiB = 1 << 20;

    private InProcessServer _server = null!;
    private NewAcceleratorToken _token = null!;
    private TestAccelerator _accelerator = null!;
    private AmazonS3Client _client = null!;
    private AmazonS3Client _direct = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await InProcessServer.StartAsync(new InProcessSetup
        {
            Options = InProcessServer.Options with { Accelerators = new ListenAddress(IPAddress.Loopback, false, 0), Domains = [] },
        });
        _token = await _server.Get<AcceleratorTokens>().CreateAsync("test", "z1", AddressList.Any, [], "root", CancellationToken.None);
        _accelerator = await TestAccelerator.StartAsync(new Uri(_server.Host.AcceleratorsUrl!), change: options => options with { Token = _token.Text }, registers: true);
        _client = ClientOf(_accelerator.Url);
        _direct = ClientOf(new Uri(_server.S3Url));
        await _client.PutBucketAsync("bkt");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _direct.Dispose();
        await _accelerator.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData((3 * MiB) + 17)]
    public async Task An_object_is_read_as_it_was_written_and_from_the_cache_the_second_time(int length)
    {
        byte[] data = RandomNumberGenerator.GetBytes(length);
        await _client.PutObjectAsync(new PutObjectRequest { BucketName = "bkt", Key = "a b/ü+%2F", InputStream = new MemoryStream(data), Metadata = { ["x-amz-meta-a"] = "b" } });
        for (int i = 0; i < 2; i++)
        {
            using GetObjectResponse answer = await _client.GetObjectAsync("bkt", "a b/ü+%2F");
            Assert.Equal(data, await BytesAsync(answer));
            Assert.Equal("b", answer.Metadata["x-amz-meta-a"]);
            await _accelerator.Cache.SettleAsync();
        }

        // Small objects have no blob: they come with the answer.
        long fromCache = _accelerator.Host.Services.GetRequiredService<AcceleratorMetrics>().FromCache;
        Assert.Contains(fromCache, length > MiB ? [length] : (long[])[0, length]);
    }

    [Fact]
    public async Task What_is_overwritten_or_deleted_is_never_read_again()
    {
        for (int i = 0; i < 20; i++)
        {
            byte[] data = RandomNumberGenerator.GetBytes(2 * MiB);
            await (i % 2 == 0 ? _client : _direct).PutObjectAsync(new PutObjectRequest { BucketName = "bkt", Key = "k", InputStream = new MemoryStream(data) });
            using GetObjectResponse answer = await _client.GetObjectAsync("bkt", "k");
            Assert.Equal(data, await BytesAsync(answer));
        }

        await _direct.DeleteObjectAsync("bkt", "k");
        Assert.Equal("NoSuchKey", (await Assert.ThrowsAsync<NoSuchKeyException>(() => _client.GetObjectAsync("bkt", "k"))).ErrorCode);
    }

    [Fact]
    public async Task Objects_of_several_parts_and_ranges_of_them_are_right()
    {
        byte[] data = RandomNumberGenerator.GetBytes(13 * MiB);
        string upload = (await _client.InitiateMultipartUploadAsync("bkt", "m")).UploadId;
        var parts = new List<PartETag>();
        for (int at = 0; at < data.Length; at += 5 * MiB)
        {
            UploadPartResponse part = await _client.UploadPartAsync(new UploadPartRequest
            {
                BucketName = "bkt", Key = "m", UploadId = upload, PartNumber = parts.Count + 1, InputStream = new MemoryStream(data, at, Math.Min(5 * MiB, data.Length - at)),
            });
            parts.Add(new PartETag(parts.Count + 1, part.ETag));
        }

        await _client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = "bkt", Key = "m", UploadId = upload, PartETags = parts });
        var random = new Random(1);
        for (int i = 0; i < 30; i++)
        {
            int from = random.Next(data.Length), to = random.Next(from, data.Length);
            using GetObjectResponse answer = await _client.GetObjectAsync(new GetObjectRequest { BucketName = "bkt", Key = "m", ByteRange = new ByteRange(from, to) });
            byte[] bytes = await BytesAsync(answer);
            Assert.True(data.AsSpan(from, to - from + 1).SequenceEqual(bytes));
        }
    }

    [Fact]
    public async Task Everything_else_works_through_it()
    {
        await _client.PutObjectAsync(new PutObjectRequest { BucketName = "bkt", Key = "k", ContentBody = "hello" });
        await _client.CopyObjectAsync("bkt", "k", "bkt", "copy");
        Assert.Equal(["copy", "k"], (await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = "bkt" })).S3Objects.Select(o => o.Key));
        Assert.Equal(5, (await _client.GetObjectMetadataAsync("bkt", "copy")).ContentLength);
        string url = await _client.GetPreSignedURLAsync(new GetPreSignedUrlRequest { BucketName = "bkt", Key = "k", Expires = DateTime.UtcNow.AddMinutes(5), Protocol = Protocol.HTTP });
        using var http = new HttpClient();
        Assert.Equal("hello", await http.GetStringAsync(new Uri(url)));
        await _client.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = "bkt", Objects = [new KeyVersion { Key = "k" }, new KeyVersion { Key = "copy" }] });
        await _client.DeleteBucketAsync("bkt");
        Assert.Empty((await _direct.ListBucketsAsync()).Buckets ?? []);
    }

    [Fact]
    public async Task A_bucket_is_named_by_the_host_below_the_accelerators_own_domain()
    {
        await _client.PutObjectAsync(new PutObjectRequest { BucketName = "bkt", Key = "k", ContentBody = "hello" });
        var raw = new RawClient(new TarnEndpoint(_accelerator.Url, InProcessServer.RootAccessKey, InProcessServer.RootSecretKey));
        RawResponse answer = (await raw.SendAsync("GET", "/k", host: "bkt.s3.test")).Expect(200);
        Assert.Equal("hello", answer.Text);
    }

    [Fact]
    public async Task Bytes_from_the_cache_are_of_the_owner_of_the_bucket()
    {
        await _client.PutObjectAsync(new PutObjectRequest { BucketName = "bkt", Key = "k", InputStream = new MemoryStream(new byte[2 * MiB]) });
        var url = new Uri(_client.GetPreSignedURL(new GetPreSignedUrlRequest
        {
            BucketName = "bkt", Key = "k", Verb = HttpVerb.GET, Protocol = Protocol.HTTP, Expires = TimeProvider.System.GetUtcNow().AddMinutes(10).UtcDateTime,
        }));
        await using RawConnection connection = await _accelerator.ConnectAsync();

        // A request ends after its answer has come; the next one on the same connection begins behind it.
        foreach ((string method, int status) in new[] { ("GET", 200), ("GET", 200), ("HEAD", 403) })
        {
            await connection.WriteAsync($"{method} {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\n\r\n");
            (await connection.ReadResponseAsync(method))!.Expect(status);
            await _accelerator.Cache.SettleAsync();
        }

        AcceleratorStatistics statistics = _accelerator.Host.Services.GetRequiredService<CacheFigures>().Statistics;
        Organization root = (await _server.Get<IdentityStore>().Organizations.FindAsync(Organizations.Root, CancellationToken.None))!;
        Assert.Equal([new OwnerHits(root.CanonicalId, 2 * MiB)], statistics.HitBytes);
    }

    [Fact]
    public async Task A_revoked_token_ends_it_at_the_next_request_also_for_what_is_cached()
    {
        await _client.PutObjectAsync(new PutObjectRequest { BucketName = "bkt", Key = "k", InputStream = new MemoryStream(new byte[2 * MiB]) });
        using (GetObjectResponse answer = await _client.GetObjectAsync("bkt", "k"))
        {
            await BytesAsync(answer);
        }

        await _server.Get<AcceleratorTokens>().RevokeAsync(_token.Token, CancellationToken.None);
        AmazonS3Exception refused = await Assert.ThrowsAsync<AmazonS3Exception>(() => _client.GetObjectAsync("bkt", "k"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "ServiceUnavailable"), (refused.StatusCode, refused.ErrorCode));
    }

    private static async Task<byte[]> BytesAsync(GetObjectResponse answer)
    {
        var bytes = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static AmazonS3Client ClientOf(Uri url) => new(
        new BasicAWSCredentials(InProcessServer.RootAccessKey, InProcessServer.RootSecretKey),
        new AmazonS3Config { ServiceURL = url.ToString(), ForcePathStyle = true, AuthenticationRegion = "us-east-1", MaxErrorRetry = 0, Timeout = TimeSpan.FromSeconds(60) });
}
