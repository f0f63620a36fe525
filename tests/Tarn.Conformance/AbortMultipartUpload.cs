using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, AbortMultipartUpload.</summary>
public sealed class AbortMultipartUpload(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Upload_goes_with_its_parts()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        Assert.Empty((await AbortAsync(bucket, "key", upload)).Expect(204).Body);
        (await SendPartAsync(bucket, "key", upload, "2", Utf8("data"))).ExpectError(404, "NoSuchUpload");
        (await CompleteAsync(bucket, "key", upload, [(1, etag)])).ExpectError(404, "NoSuchUpload");
        (await Raw.SendAsync("GET", At(bucket, "key", "uploadId=" + Uri.EscapeDataString(upload)))).ExpectError(404, "NoSuchUpload");
        Assert.Empty((await Raw.SendAsync("GET", $"/{bucket}?uploads")).Expect(200).Elements("UploadId"));
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task Other_uploads_and_the_object_stay()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "kept");
        string gone = await StartUploadAsync(bucket, "key"), kept = await StartUploadAsync(bucket, "key");
        (await AbortAsync(bucket, "key", gone)).Expect(204);
        Assert.Equal([kept], (await Raw.SendAsync("GET", $"/{bucket}?uploads")).Expect(200).Elements("UploadId"));
        Assert.Equal("kept", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task Unknown_upload_is_NoSuchUpload()
    {
        string bucket = await NewBucketAsync();
        (await AbortAsync(bucket, "key", "never")).ExpectError(404, "NoSuchUpload");
        string upload = await StartUploadAsync(bucket, "key");
        (await AbortAsync(bucket, "other", upload)).ExpectError(404, "NoSuchUpload");
        (await AbortAsync(NewName(), "key", upload)).ExpectError(404, "NoSuchBucket");
    }

    [Fact]
    public async Task A_second_abort_succeeds_as_the_first_did()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        (await AbortAsync(bucket, "key", upload)).Expect(204);
        (await AbortAsync(bucket, "key", upload)).Expect(204);
        (await AbortAsync(bucket, "other", upload)).ExpectError(404, "NoSuchUpload");
        string other = await NewBucketAsync();
        (await AbortAsync(other, "key", upload)).ExpectError(404, "NoSuchUpload");
    }

    [Fact]
    public async Task Abort_after_completion_leaves_the_object()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        (await CompleteAsync(bucket, "key", upload, [(1, etag)])).Expect(200);
        RawResponse answer = await AbortAsync(bucket, "key", upload);
        Assert.True(answer.Status is 204 or 404, answer.Text);
        Assert.Equal("data", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        (await Raw.SendAsync("DELETE", At(bucket, "key", "uploadId=" + Uri.EscapeDataString(upload)), [("x-amz-expected-bucket-owner", "000000000000")])).ExpectError(403, "AccessDenied");
    }

    private Task<RawResponse> AbortAsync(string bucket, string key, string upload) =>
        Raw.SendAsync("DELETE", At(bucket, key, "uploadId=" + Uri.EscapeDataString(upload)));
}
