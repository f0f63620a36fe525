using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, PutBucketLogging, GetBucketLogging and data type LoggingEnabled.</summary>
public sealed class BucketLogging(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task It_is_off_set_replaced_and_turned_off()
    {
        string source = await NewBucketAsync(), target = await NewBucketAsync();
        Assert.Null(await GetAsync(source));
        await PutAsync(source, new S3BucketLoggingConfig { TargetBucketName = target, TargetPrefix = "logs/" });
        S3BucketLoggingConfig set = (await GetAsync(source))!;
        Assert.Equal((target, "logs/"), (set.TargetBucketName, set.TargetPrefix));

        await PutAsync(source, new S3BucketLoggingConfig { TargetBucketName = source, TargetPrefix = "" });
        set = (await GetAsync(source))!;
        Assert.Equal((source, ""), (set.TargetBucketName, set.TargetPrefix ?? ""));
        (await Raw.SendAsync("PUT", At(source, query: "logging"), null, "<BucketLoggingStatus xmlns=\"http://doc.s3.amazonaws.com/2006-03-01\"/>")).Expect(200);
        Assert.Null(await GetAsync(source));
    }

    [Theory]
    [InlineData("EventTime")]
    [InlineData("DeliveryTime")]
    [InlineData(null)]
    public async Task The_format_of_keys_is_kept(string? partition)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, new S3BucketLoggingConfig
        {
            TargetBucketName = bucket,
            TargetPrefix = "p",
            TargetObjectKeyFormat = partition is null
                ? new TargetObjectKeyFormat { SimplePrefix = new SimplePrefix() }
                : new TargetObjectKeyFormat { PartitionedPrefix = new PartitionedPrefix { PartitionDateSource = PartitionDateSource.FindValue(partition) } },
        });
        TargetObjectKeyFormat format = (await GetAsync(bucket))!.TargetObjectKeyFormat;
        Assert.Equal(partition, format.PartitionedPrefix?.PartitionDateSource?.Value);
        Assert.Equal(partition is null, format.SimplePrefix is not null);
    }

    [Fact]
    public async Task Grants_need_a_target_that_has_lists()
    {
        string source = await NewBucketAsync(), target = NewName();
        await S3.PutBucketAsync(new PutBucketRequest { BucketName = target, UseClientRegion = false, ObjectOwnership = ObjectOwnership.ObjectWriter });
        var grants = new List<S3Grant> { new() { Grantee = new S3Grantee { URI = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers" }, Permission = S3Permission.READ } };
        AmazonS3Exception refused = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => PutAsync(source, new S3BucketLoggingConfig { TargetBucketName = source, TargetPrefix = "", Grants = grants }));
        Assert.Equal("AccessControlListNotSupported", refused.ErrorCode);
        if (!Endpoint.IsExternal)
        {
            await PutAsync(source, new S3BucketLoggingConfig { TargetBucketName = target, TargetPrefix = "", Grants = grants });
            S3Grant kept = Assert.Single((await GetAsync(source))!.Grants);
            Assert.Equal(("http://acs.amazonaws.com/groups/global/AuthenticatedUsers", S3Permission.READ), (kept.Grantee.URI, kept.Permission));
        }
    }

    [Fact]
    public async Task Nonsense_is_refused_and_changes_nothing()
    {
        string bucket = await NewBucketAsync();
        (await SendAsync(bucket, "<LoggingEnabled/>")).ExpectError(400, "MalformedXML");
        (await SendAsync(bucket, $"<LoggingEnabled><TargetBucket>{bucket}</TargetBucket></LoggingEnabled>")).ExpectError(400, "MalformedXML");
        (await SendAsync(bucket, "<LoggingEnabled><TargetPrefix>p</TargetPrefix></LoggingEnabled>")).ExpectError(400, "MalformedXML");
        (await SendAsync(bucket, $"<LoggingEnabled><TargetBucket>{bucket}</TargetBucket><TargetPrefix>p</TargetPrefix><TargetObjectKeyFormat><SimplePrefix/><PartitionedPrefix/></TargetObjectKeyFormat></LoggingEnabled>"))
            .ExpectError(400, "MalformedXML");
        (await SendAsync(bucket, $"<LoggingEnabled><TargetBucket>{NewName()}</TargetBucket><TargetPrefix>p</TargetPrefix></LoggingEnabled>")).ExpectError(400, "InvalidTargetBucketForLogging");
        (await Raw.SendAsync("PUT", At(NewName(), query: "logging"), null, "<BucketLoggingStatus/>")).ExpectError(404, "NoSuchBucket");
        (await Raw.SendAsync("DELETE", At(bucket, query: "logging"))).ExpectError(405, "MethodNotAllowed");
        Assert.Null(await GetAsync(bucket));
    }

    private Task<RawResponse> SendAsync(string bucket, string content) =>
        Raw.SendAsync("PUT", At(bucket, query: "logging"), null, $"<BucketLoggingStatus xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{content}</BucketLoggingStatus>");

    private Task PutAsync(string bucket, S3BucketLoggingConfig logging) => S3.PutBucketLoggingAsync(new PutBucketLoggingRequest { BucketName = bucket, LoggingConfig = logging });

    /// <summary>The setting; null when it is off.</summary>
    private async Task<S3BucketLoggingConfig?> GetAsync(string bucket) =>
        (await S3.GetBucketLoggingAsync(new GetBucketLoggingRequest { BucketName = bucket })).BucketLoggingConfig is { TargetBucketName: not null } set ? set : null;
}
