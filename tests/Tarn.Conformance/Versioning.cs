using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>
/// What the other operations do with versions. Source: Amazon S3 User Guide, "Working with objects in a versioning-enabled
/// bucket" and "… in a versioning-suspended bucket"; API Reference of each operation.
/// </summary>
public sealed class Versioning(TestEndpoint endpoint) : S3Test(endpoint)
{
    private const string Missing = "0000000000000001ffffffffffffffff";

    /// <summary>Turns versioning on in a bucket.</summary>
    public static async Task<string> NewBucketAsync(IAmazonS3 s3, string bucket, string status = "Enabled")
    {
        await s3.PutBucketVersioningAsync(new PutBucketVersioningRequest { BucketName = bucket, VersioningConfig = new() { Status = status } });
        return bucket;
    }

    [Fact]
    public async Task Put_names_the_version_and_get_reads_it()
    {
        string bucket = await EnabledAsync();
        RawResponse one = (await Raw.SendAsync("PUT", At(bucket, "key"), [], "one")).Expect(200);
        RawResponse two = (await Raw.SendAsync("PUT", At(bucket, "key"), [], "two")).Expect(200);
        Assert.NotEqual(one["x-amz-version-id"], two["x-amz-version-id"]);
        RawResponse old = (await VersionAsync("GET", bucket, "key", one["x-amz-version-id"]!)).Expect(200);
        Assert.Equal("one", old.Text);
        Assert.Equal(one["x-amz-version-id"], old["x-amz-version-id"]);
        Assert.Equal(two["x-amz-version-id"], (await GetAsync(bucket, "key")).Expect(200)["x-amz-version-id"]);
        Assert.Equal(one["ETag"], (await VersionAsync("HEAD", bucket, "key", one["x-amz-version-id"]!)).Expect(200)["ETag"]);
    }

    [Fact]
    public async Task Without_versioning_no_version_is_named()
    {
        string bucket = await NewBucketAsync();
        Assert.Null((await Raw.SendAsync("PUT", At(bucket, "key"), [], "one")).Expect(200)["x-amz-version-id"]);
        Assert.Null((await GetAsync(bucket, "key")).Expect(200)["x-amz-version-id"]);
        Assert.Equal("one", (await VersionAsync("GET", bucket, "key", "null")).Expect(200).Text);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task A_hidden_key_is_404_and_its_marker_405(string method)
    {
        string bucket = await EnabledAsync();
        await PutAsync(bucket, "key", "data");
        RawResponse deleted = (await Raw.SendAsync("DELETE", At(bucket, "key"))).Expect(204);
        Assert.Equal("true", deleted["x-amz-delete-marker"]);
        string marker = deleted["x-amz-version-id"]!;
        RawResponse hidden = (await Raw.SendAsync(method, At(bucket, "key"))).Expect(404);
        Assert.Equal("true", hidden["x-amz-delete-marker"]);
        Assert.Equal(marker, hidden["x-amz-version-id"]);
        RawResponse named = (await VersionAsync(method, bucket, "key", marker)).Expect(405);
        Assert.Equal("true", named["x-amz-delete-marker"]);
        Assert.False(string.IsNullOrEmpty(named["Last-Modified"]));
        Assert.Equal("DELETE", named["Allow"]);
    }

    [Fact]
    public async Task Missing_and_malformed_versions_are_refused()
    {
        string bucket = await EnabledAsync();
        await PutAsync(bucket, "key", "data");
        (await VersionAsync("GET", bucket, "key", Missing)).ExpectError(404, "NoSuchVersion");
        (await VersionAsync("GET", bucket, "key", "null")).ExpectError(404, "NoSuchVersion");
        (await VersionAsync("GET", bucket, "key", "nonsense")).ExpectError(400, "InvalidArgument");
        (await VersionAsync("DELETE", bucket, "key", "nonsense")).ExpectError(400, "InvalidArgument");
        (await VersionAsync("DELETE", bucket, "key", Missing)).Expect(204);
        Assert.Equal("data", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task Deleting_the_marker_brings_the_object_back()
    {
        string bucket = await EnabledAsync();
        await PutAsync(bucket, "key", "data");
        string marker = (await Raw.SendAsync("DELETE", At(bucket, "key")))["x-amz-version-id"]!;
        RawResponse undeleted = (await VersionAsync("DELETE", bucket, "key", marker)).Expect(204);
        Assert.Equal("true", undeleted["x-amz-delete-marker"]);
        Assert.Equal(marker, undeleted["x-amz-version-id"]);
        Assert.Equal("data", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task Deleting_the_newest_version_brings_back_the_one_before()
    {
        string bucket = await EnabledAsync();
        await PutAsync(bucket, "key", "one");
        string two = (await Raw.SendAsync("PUT", At(bucket, "key"), [], "two"))["x-amz-version-id"]!;
        Assert.Null((await VersionAsync("DELETE", bucket, "key", two)).Expect(204)["x-amz-delete-marker"]);
        Assert.Equal("one", await ReadAsync(bucket, "key"));
        (await VersionAsync("GET", bucket, "key", two)).ExpectError(404, "NoSuchVersion");
    }

    [Fact]
    public async Task Suspended_writes_replace_the_null_version_alone()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "before");
        await NewBucketAsync(S3, bucket);
        string kept = (await Raw.SendAsync("PUT", At(bucket, "key"), [], "kept"))["x-amz-version-id"]!;
        Assert.Equal("before", (await VersionAsync("GET", bucket, "key", "null")).Expect(200).Text);
        await NewBucketAsync(S3, bucket, "Suspended");
        Assert.Null((await Raw.SendAsync("PUT", At(bucket, "key"), [], "after")).Expect(200)["x-amz-version-id"]);
        Assert.Equal("after", (await VersionAsync("GET", bucket, "key", "null")).Expect(200).Text);
        Assert.Equal("kept", (await VersionAsync("GET", bucket, "key", kept)).Expect(200).Text);
        RawResponse deleted = (await Raw.SendAsync("DELETE", At(bucket, "key"))).Expect(204);
        Assert.Equal("null", deleted["x-amz-version-id"]);
        (await VersionAsync("GET", bucket, "key", "null")).ExpectError(405, "MethodNotAllowed");
        Assert.Equal(["null", kept], (await S3.ListVersionsAsync(bucket)).Versions.Select(v => v.VersionId));
    }

    [Fact]
    public async Task Writes_into_a_suspended_bucket_name_no_version()
    {
        string bucket = await NewBucketAsync();
        await NewBucketAsync(S3, bucket, "Suspended");
        await PutAsync(bucket, "from", "data");
        Assert.Null((await Raw.SendAsync("PUT", At(bucket, "copy"), [("x-amz-copy-source", $"/{bucket}/from")], "")).Expect(200)["x-amz-version-id"]);
        string upload = await StartUploadAsync(bucket, "parts");
        string part = await PutPartAsync(bucket, "parts", upload, 1, Utf8("data"));
        Assert.Null((await CompleteAsync(bucket, "parts", upload, [(1, part)])).Expect(200)["x-amz-version-id"]);
        Assert.Equal("null", (await Raw.SendAsync("GET", At(bucket, "parts"))).Expect(200)["x-amz-version-id"]);
        Assert.Equal("null", (await Raw.SendAsync("DELETE", At(bucket, "parts"))).Expect(204)["x-amz-version-id"]);
    }

    /// <summary>Source: Amazon S3 User Guide, "Concurrent multipart upload operations".</summary>
    [Fact]
    public async Task Of_two_uploads_the_one_that_began_last_is_current_in_whatever_order_they_complete()
    {
        string bucket = await EnabledAsync();
        string first = await StartUploadAsync(bucket, "key"), second = await StartUploadAsync(bucket, "key");
        string one = await PutPartAsync(bucket, "key", first, 1, Utf8("first")), two = await PutPartAsync(bucket, "key", second, 1, Utf8("second"));
        string newer = (await CompleteAsync(bucket, "key", second, [(1, two)])).Expect(200)["x-amz-version-id"]!;
        string older = (await CompleteAsync(bucket, "key", first, [(1, one)])).Expect(200)["x-amz-version-id"]!;
        Assert.Equal(older, (await CompleteAsync(bucket, "key", first, [(1, one)])).Expect(200)["x-amz-version-id"]);
        Assert.Equal("second", await ReadAsync(bucket, "key"));
        Assert.Equal("first", (await VersionAsync("GET", bucket, "key", older)).Expect(200).Text);
        Assert.Equal([newer, older], (await S3.ListVersionsAsync(bucket)).Versions.Select(v => v.VersionId));
        (await VersionAsync("DELETE", bucket, "key", newer)).Expect(204);
        Assert.Equal("first", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task What_comes_while_an_upload_lasts_stays_current_unless_the_completion_has_a_condition()
    {
        string bucket = await EnabledAsync();
        string upload = await StartUploadAsync(bucket, "key"), conditional = await StartUploadAsync(bucket, "key");
        string part = await PutPartAsync(bucket, "key", upload, 1, Utf8("parts")), same = await PutPartAsync(bucket, "key", conditional, 1, Utf8("parts"));
        string etag = await PutAsync(bucket, "key", "put");
        (await CompleteAsync(bucket, "key", upload, [(1, part)])).Expect(200);
        Assert.Equal("put", await ReadAsync(bucket, "key"));
        (await CompleteAsync(bucket, "key", conditional, [(1, same)], ("If-Match", etag))).Expect(200);
        Assert.Equal("parts", await ReadAsync(bucket, "key"));
        string deleted = await StartUploadAsync(bucket, "key");
        part = await PutPartAsync(bucket, "key", deleted, 1, Utf8("more"));
        (await Raw.SendAsync("DELETE", At(bucket, "key"))).Expect(204);
        (await CompleteAsync(bucket, "key", deleted, [(1, part)])).Expect(200);
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task DeleteObjects_makes_markers_and_removes_versions()
    {
        string bucket = await EnabledAsync();
        string one = (await Raw.SendAsync("PUT", At(bucket, "a"), [], "1"))["x-amz-version-id"]!;
        await PutAsync(bucket, "b", "1");
        DeleteObjectsResponse answer = await S3.DeleteObjectsAsync(new DeleteObjectsRequest
        {
            BucketName = bucket,
            Objects = [new() { Key = "a", VersionId = one }, new() { Key = "b" }],
        });
        Assert.Equal(one, answer.DeletedObjects.Single(d => d.Key == "a").VersionId);
        DeletedObject marked = answer.DeletedObjects.Single(d => d.Key == "b");
        Assert.True(marked.DeleteMarker);
        Assert.False(string.IsNullOrEmpty(marked.DeleteMarkerVersionId));
        answer = await S3.DeleteObjectsAsync(new DeleteObjectsRequest
        {
            BucketName = bucket,
            Objects = [new() { Key = "b", VersionId = marked.DeleteMarkerVersionId }],
        });
        Assert.True(Assert.Single(answer.DeletedObjects).DeleteMarker);
        Assert.Equal("1", await ReadAsync(bucket, "b"));
    }

    [Fact]
    public async Task An_older_version_is_restored_by_a_copy_onto_itself()
    {
        string bucket = await EnabledAsync();
        string one = (await Raw.SendAsync("PUT", At(bucket, "key"), [], "one"))["x-amz-version-id"]!;
        await PutAsync(bucket, "key", "two");
        CopyObjectResponse copy = await S3.CopyObjectAsync(new CopyObjectRequest
        {
            SourceBucket = bucket, SourceKey = "key", SourceVersionId = one, DestinationBucket = bucket, DestinationKey = "key",
        });
        Assert.Equal(one, copy.SourceVersionId);
        Assert.NotEqual(one, copy.VersionId);
        Assert.Equal("one", await ReadAsync(bucket, "key"));
        Assert.Equal(3, (await S3.ListVersionsAsync(bucket)).Versions.Count);
    }

    [Fact]
    public async Task A_marker_is_no_copy_source()
    {
        string bucket = await EnabledAsync();
        await PutAsync(bucket, "key", "data");
        string marker = (await Raw.SendAsync("DELETE", At(bucket, "key")))["x-amz-version-id"]!;
        (await Raw.SendAsync("PUT", At(bucket, "copy"), [("x-amz-copy-source", $"/{bucket}/key")])).ExpectError(404, "NoSuchKey");
        (await Raw.SendAsync("PUT", At(bucket, "copy"), [("x-amz-copy-source", $"/{bucket}/key?versionId={marker}")])).ExpectError(400, "InvalidRequest");
        (await Raw.SendAsync("PUT", At(bucket, "copy"), [("x-amz-copy-source", $"/{bucket}/key?versionId={Missing}")])).ExpectError(404, "NoSuchVersion");
    }

    [Fact]
    public async Task A_version_copied_into_a_bucket_without_versions_has_none()
    {
        string bucket = await EnabledAsync();
        string plain = await NewBucketAsync();
        string one = (await Raw.SendAsync("PUT", At(bucket, "key"), [], "one"))["x-amz-version-id"]!;
        (await Raw.SendAsync("PUT", At(plain, "copy"), [("x-amz-copy-source", $"/{bucket}/key?versionId={one}")])).Expect(200);
        Assert.Equal(["null"], (await S3.ListVersionsAsync(plain)).Versions.Select(v => v.VersionId));
        (await VersionAsync("DELETE", plain, "copy", "null")).Expect(204);
        await AbsentAsync(plain, "copy");
    }

    [Fact]
    public async Task Attributes_are_those_of_the_version()
    {
        string bucket = await EnabledAsync();
        string one = (await Raw.SendAsync("PUT", At(bucket, "key"), [], "one"))["x-amz-version-id"]!;
        await PutAsync(bucket, "key", "longer");
        RawResponse answer = (await Raw.SendAsync("GET", At(bucket, "key", $"attributes&versionId={one}"), [("x-amz-object-attributes", "ObjectSize")])).Expect(200);
        Assert.Equal("3", answer.Element("ObjectSize"));
        Assert.Equal(one, answer["x-amz-version-id"]);
    }

    [Fact]
    public async Task A_part_is_copied_from_a_version_and_the_completed_object_is_one()
    {
        string bucket = await EnabledAsync();
        string one = (await Raw.SendAsync("PUT", At(bucket, "source"), [], "one"))["x-amz-version-id"]!;
        await PutAsync(bucket, "source", "two");
        string upload = await StartUploadAsync(bucket, "key");
        RawResponse part = (await Raw.SendAsync(
            "PUT", At(bucket, "key", $"partNumber=1&uploadId={Uri.EscapeDataString(upload)}"), [("x-amz-copy-source", $"/{bucket}/source?versionId={one}")])).Expect(200);
        Assert.Equal(one, part["x-amz-copy-source-version-id"]);
        RawResponse done = (await CompleteAsync(bucket, "key", upload, [(1, part.Element("ETag")!)])).Expect(200);
        Assert.Equal("one", (await VersionAsync("GET", bucket, "key", done["x-amz-version-id"]!)).Expect(200).Text);
    }

    [Fact]
    public async Task A_condition_sees_a_marker_as_no_object()
    {
        string bucket = await EnabledAsync();
        string etag = await PutAsync(bucket, "key", "data");
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("If-None-Match", "*")], "x")).ExpectError(412, "PreconditionFailed");
        (await Raw.SendAsync("DELETE", At(bucket, "key"))).Expect(204);
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("If-Match", etag)], "x")).ExpectError(404, "NoSuchKey");
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("If-None-Match", "*")], "again")).Expect(200);
        Assert.Equal("again", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task A_bucket_with_old_versions_or_markers_is_not_empty()
    {
        string bucket = await EnabledAsync();
        string marker = (await Raw.SendAsync("DELETE", At(bucket, "key")))["x-amz-version-id"]!;
        (await Raw.SendAsync("DELETE", $"/{bucket}")).ExpectError(409, "BucketNotEmpty");
        (await VersionAsync("DELETE", bucket, "key", marker)).Expect(204);
        (await Raw.SendAsync("DELETE", $"/{bucket}")).Expect(204);
    }

    private async Task<string> EnabledAsync() => await NewBucketAsync(S3, await NewBucketAsync());

    private Task<RawResponse> VersionAsync(string method, string bucket, string key, string version) =>
        Raw.SendAsync(method, At(bucket, key, "versionId=" + version));
}
