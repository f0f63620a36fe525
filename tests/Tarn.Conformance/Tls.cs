using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Tarn.Conformance.Support;
using Tarn.TestKit.Servers;

namespace Tarn.Conformance;

/// <summary>The AWS SDK over https, where it sends unsigned payloads with trailers instead of signed chunks.</summary>
public sealed class Tls(TlsEndpoint endpoint) : IClassFixture<TlsEndpoint>
{
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(300_000)]
    public async Task The_SDK_round_trips(int size)
    {
        using AmazonS3Client s3 = endpoint.NewClient();
        string bucket = "tls" + Guid.NewGuid().ToString("N")[..20];
        await s3.PutBucketAsync(bucket);
        byte[] data = new byte[size];
        new Random(size).NextBytes(data);
        PutObjectResponse put = await s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "a b/é+", InputStream = new MemoryStream(data) });
        using GetObjectResponse got = await s3.GetObjectAsync(bucket, "a b/é+");
        var read = new MemoryStream();
        await got.ResponseStream.CopyToAsync(read);
        Assert.Equal(data, read.ToArray());
        Assert.Equal(put.ETag, got.ETag);
        await s3.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = bucket, Objects = [new KeyVersion { Key = "a b/é+" }] });
        Assert.Empty((await s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket })).S3Objects ?? []);
        await s3.DeleteBucketAsync(bucket);
    }

    [Fact]
    public async Task The_SDK_transfers_in_parts_and_ranges()
    {
        using AmazonS3Client s3 = endpoint.NewClient();
        string bucket = "tls" + Guid.NewGuid().ToString("N")[..20];
        await s3.PutBucketAsync(bucket);
        byte[] data = new byte[(11 * 1024 * 1024) + 3];
        new Random(1).NextBytes(data);
        using var transfer = new TransferUtility(s3);
        await transfer.UploadAsync(new TransferUtilityUploadRequest { BucketName = bucket, Key = "big", InputStream = new MemoryStream(data), PartSize = 5 * 1024 * 1024 });
        using GetObjectResponse part = await s3.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = "big", ByteRange = new ByteRange(5_000_000, 6_000_000) });
        var read = new MemoryStream();
        await part.ResponseStream.CopyToAsync(read);
        Assert.Equal(data[5_000_000..6_000_001], read.ToArray());
    }

    [Fact]
    public async Task Errors_come_as_errors()
    {
        using AmazonS3Client s3 = endpoint.NewClient();
        AmazonS3Exception missing = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => s3.GetObjectAsync("no-such-bucket-here", "key"));
        Assert.Equal("NoSuchBucket", missing.ErrorCode);
    }
}

/// <summary>A server that speaks TLS: the endpoint under test where it is https, else one started here.</summary>
public sealed class TlsEndpoint : IAsyncLifetime
{
    private TarnServer? own;
    private TarnAccelerator? accelerator;
    private TarnEndpoint endpoint = null!;

    public async ValueTask InitializeAsync()
    {
        if (TarnEndpoint.FromEnvironment() is { } named)
        {
            endpoint = named;
            return;
        }

        own = await TarnServer.StartAsync(new TarnServerOptions { Tls = true, Accelerators = TestEndpoint.Through != AcceleratorStyle.None });
        endpoint = own.Endpoint;
        if (TestEndpoint.Through != AcceleratorStyle.None)
        {
            accelerator = await TarnAccelerator.StartAsync(own, new TarnAcceleratorOptions { Tls = true });
            endpoint = accelerator.Endpoint;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (accelerator is not null)
        {
            await accelerator.DisposeAsync();
        }

        if (own is not null)
        {
            await own.DisposeAsync();
        }
    }

    public AmazonS3Client NewClient()
    {
        Assert.SkipUnless(endpoint.S3.Scheme == "https", "The endpoint does not speak TLS.");
        return TestEndpoint.NewPathClient(endpoint, config =>
        {
            if (endpoint.AuthorityFile is { } file)
            {
                config.HttpClientFactory = new TrustingClients(file);
            }
        });
    }

    /// <summary>HTTP clients that trust the test's authority.</summary>
    private sealed class TrustingClients(string authorityFile) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
            new(new SocketsHttpHandler { SslOptions = TrustedAuthority.Only(authorityFile) });

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
    }
}
