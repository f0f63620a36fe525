using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>
/// Settings that are not set: what S3 answers to reading them, and that deleting them or setting them to "off" changes nothing.
/// Source: Amazon S3 API Reference, the action of each; "List of error codes".
/// </summary>
public sealed class NeverSet(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Theory]
    [InlineData("object-lock", "ObjectLockConfigurationNotFoundError")]
    [InlineData("replication", "ReplicationConfigurationNotFoundError")]
    [InlineData("website", "NoSuchWebsiteConfiguration")]
    [InlineData("inventory&id=x", "NoSuchConfiguration")]
    [InlineData("metrics&id=x", "NoSuchConfiguration")]
    [InlineData("analytics&id=x", "NoSuchConfiguration")]
    [InlineData("intelligent-tiering&id=x", "NoSuchConfiguration")]
    [InlineData("encryption", "ServerSideEncryptionConfigurationNotFoundError")]
    [InlineData("metadataConfiguration", "MetadataConfigurationNotFound")]
    [InlineData("metadataTable", "MetadataConfigurationNotFound")]
    public async Task Reading_one_says_that_there_is_none(string query, string code)
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("GET", At(bucket, query: query))).ExpectError(404, code);
        (await Raw.SendAsync("GET", At(NewName(), query: query))).ExpectError(404, "NoSuchBucket");
    }

    [Theory]
    [InlineData("notification", "NotificationConfiguration", "")]
    [InlineData("accelerate", "AccelerateConfiguration", "")]
    [InlineData("requestPayment", "RequestPaymentConfiguration", "BucketOwner")]
    [InlineData("abac", "AbacStatus", "Disabled")]
    [InlineData("inventory", "ListInventoryConfigurationsResult", "false")]
    [InlineData("metrics", "ListMetricsConfigurationsResult", "false")]
    [InlineData("analytics", "ListBucketAnalyticsConfigurationResult", "false")]
    [InlineData("intelligent-tiering", "ListBucketIntelligentTieringConfigurationsOutput", "false")]
    public async Task Reading_one_answers_its_empty_document(string query, string root, string text)
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = (await Raw.SendAsync("GET", At(bucket, query: query))).Expect(200);
        Assert.Equal((root, text), (answer.Xml().Name.LocalName, answer.Xml().Value));
    }

    [Theory]
    [InlineData("retention")]
    [InlineData("legal-hold")]
    public async Task Objects_are_not_locked(string query)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "kept");
        (await Raw.SendAsync("GET", At(bucket, "key", query))).ExpectError(404, "NoSuchObjectLockConfiguration");
        (await Raw.SendAsync("GET", At(bucket, "none", query))).ExpectError(404, "NoSuchKey");
    }

    [Theory]
    [InlineData("encryption")]
    [InlineData("replication")]
    [InlineData("website")]
    [InlineData("inventory&id=x")]
    [InlineData("metrics&id=x")]
    [InlineData("analytics&id=x")]
    [InlineData("intelligent-tiering&id=x")]
    [InlineData("metadataConfiguration")]
    [InlineData("metadataTable")]
    public async Task Deleting_what_is_not_there_succeeds(string query)
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("DELETE", At(bucket, query: query))).Expect(204);
        (await Raw.SendAsync("HEAD", "/" + bucket)).Expect(200);
    }

    [Theory]
    [InlineData("", "notification", "<NotificationConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>", "<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>")]
    [InlineData("", "accelerate", "<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>", "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>")]
    [InlineData("", "requestPayment", "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>", "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>")]
    [InlineData("key", "legal-hold", "<LegalHold><Status>OFF</Status></LegalHold>", "<LegalHold><Status>ON</Status></LegalHold>")]
    public async Task Setting_one_to_off_succeeds_and_turning_it_on_does_not(string key, string query, string off, string on)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "kept");
        (await Raw.SendAsync("PUT", At(bucket, key, query), [ContentMd5(off)], off)).Expect(200);
        (await Raw.SendAsync("PUT", At(bucket, key, query), [ContentMd5(on)], on)).ExpectError(501, "NotImplemented");
        (await Raw.SendAsync("PUT", At(bucket, key, query), [ContentMd5(on[1..])], on[1..])).ExpectError(400, "MalformedXML");
        (await Raw.SendAsync("PUT", At(bucket, key, query), [ContentMd5(on)], off)).ExpectError(400, "BadDigest");
        Assert.Equal("kept", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task The_SDK_understands_the_answers()
    {
        string bucket = await NewBucketAsync();
        Assert.Empty((await S3.GetBucketNotificationAsync(new GetBucketNotificationRequest { BucketName = bucket })).TopicConfigurations ?? []);
        Assert.Equal("BucketOwner", (await S3.GetBucketRequestPaymentAsync(bucket)).Payer);
        Assert.Null((await S3.GetBucketAccelerateConfigurationAsync(bucket)).Status);
        Assert.Empty((await S3.ListBucketInventoryConfigurationsAsync(new ListBucketInventoryConfigurationsRequest { BucketName = bucket })).InventoryConfigurationList ?? []);
        Assert.Empty((await S3.ListBucketMetricsConfigurationsAsync(new ListBucketMetricsConfigurationsRequest { BucketName = bucket })).MetricsConfigurationList ?? []);
        Assert.Empty((await S3.ListBucketAnalyticsConfigurationsAsync(new ListBucketAnalyticsConfigurationsRequest { BucketName = bucket })).AnalyticsConfigurationList ?? []);
    }
}
