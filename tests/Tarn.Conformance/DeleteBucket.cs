using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, DeleteBucket.</summary>
public sealed class DeleteBucket(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Empty_bucket_goes()
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = (await Raw.SendAsync("DELETE", "/" + bucket)).Expect(204);
        Assert.Empty(answer.Body);
        (await Raw.SendAsync("HEAD", "/" + bucket)).Expect(404);
        (await GetAsync(bucket, "key")).ExpectError(404, "NoSuchBucket");
    }

    [Fact]
    public async Task Missing_bucket_is_NoSuchBucket()
    {
        string name = NewName();
        RawResponse answer = (await Raw.SendAsync("DELETE", "/" + name)).ExpectError(404, "NoSuchBucket");
        Assert.Equal(name, answer.Element("BucketName"));
    }

    [Fact]
    public async Task Bucket_with_an_object_stays()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        (await Raw.SendAsync("DELETE", "/" + bucket)).ExpectError(409, "BucketNotEmpty");
        Assert.Equal("data", await ReadAsync(bucket, "key"));
        (await Raw.SendAsync("DELETE", At(bucket, "key"))).Expect(204);
        (await Raw.SendAsync("DELETE", "/" + bucket)).Expect(204);
    }

    [Fact]
    public async Task Name_is_free_again_and_nothing_of_the_old_bucket_returns()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        RawResponse deleted = await Raw.SendAsync("DELETE", "/" + bucket);
        Assert.True(deleted.Status is 204 or 409, deleted.Text);
        if (deleted.Status == 409)
        {
            (await Raw.SendAsync("DELETE", At(bucket, "key", "uploadId=" + Uri.EscapeDataString(upload)))).Expect(204);
            (await Raw.SendAsync("DELETE", "/" + bucket)).Expect(204);
        }

        (await Raw.SendAsync("PUT", "/" + bucket)).Expect(200);
        Assert.Empty((await Raw.SendAsync("GET", $"/{bucket}?uploads")).Expect(200).Elements("UploadId"));
        (await SendPartAsync(bucket, "key", upload, "1", Utf8("x"))).ExpectError(404, "NoSuchUpload");
    }

    [Fact]
    public async Task Racing_put_and_delete_never_leave_an_object_without_a_bucket()
    {
        for (int round = 0; round < 10; round++)
        {
            string bucket = await NewBucketAsync();
            Task<RawResponse> put = Raw.SendAsync("PUT", At(bucket, "key"), [], "data");
            Task<RawResponse> delete = Raw.SendAsync("DELETE", "/" + bucket);
            int putStatus = (await put).Status;
            int deleteStatus = (await delete).Status;
            Assert.True((putStatus, deleteStatus) is (200, 409) or (404 or 409, 204), $"put {putStatus}, delete {deleteStatus}");
        }
    }

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("DELETE", "/" + bucket, [("x-amz-expected-bucket-owner", "000000000000")])).ExpectError(403, "AccessDenied");
        (await Raw.SendAsync("HEAD", "/" + bucket)).Expect(200);
    }
}
