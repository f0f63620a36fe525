using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, DeleteObject; User Guide, "How to perform conditional deletes".</summary>
public sealed class DeleteObject(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Object_goes_and_the_answer_has_no_body()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        Assert.Empty((await Raw.SendAsync("DELETE", At(bucket, "key"))).Expect(204).Body);
        (await GetAsync(bucket, "key")).ExpectError(404, "NoSuchKey");
        Assert.Empty((await Raw.SendAsync("GET", $"/{bucket}?list-type=2")).Expect(200).Elements("Key"));
    }

    [Fact]
    public async Task Missing_key_is_204_too()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("DELETE", At(bucket, "never was"))).Expect(204);
    }

    [Fact]
    public async Task Missing_bucket_is_NoSuchBucket() =>
        (await Raw.SendAsync("DELETE", At(NewName(), "key"))).ExpectError(404, "NoSuchBucket");

    [Fact]
    public async Task Only_that_key_goes()
    {
        string bucket = await NewBucketAsync();
        foreach (string key in (string[])["a", "a/", "a/b", "ab", "A"])
        {
            await PutAsync(bucket, key, key);
        }

        (await Raw.SendAsync("DELETE", At(bucket, "a"))).Expect(204);
        Assert.Equal(["A", "a/", "a/b", "ab"], (await Raw.SendAsync("GET", $"/{bucket}?list-type=2")).Expect(200).Elements("Key"));
    }

    [Fact]
    public async Task If_Match_deletes_the_object_with_that_ETag_alone()
    {
        string bucket = await NewBucketAsync();
        string etag = await PutAsync(bucket, "key", "data");
        (await Raw.SendAsync("DELETE", At(bucket, "key"), [("If-Match", "\"00000000000000000000000000000000\"")])).ExpectError(412, "PreconditionFailed");
        Assert.Equal("data", await ReadAsync(bucket, "key"));
        (await Raw.SendAsync("DELETE", At(bucket, "key"), [("If-Match", etag)])).Expect(204);
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task If_Match_takes_the_ETag_without_quotes()
    {
        string bucket = await NewBucketAsync();
        string etag = await PutAsync(bucket, "key", "data");
        (await Raw.SendAsync("DELETE", At(bucket, "key"), [("If-Match", etag.Trim('"'))])).Expect(204);
    }

    [Fact]
    public async Task If_Match_star_deletes_what_exists()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        (await Raw.SendAsync("DELETE", At(bucket, "key"), [("If-Match", "*")])).Expect(204);
        await AbsentAsync(bucket, "key");
    }

    [Theory]
    [InlineData("*")]
    [InlineData("\"00000000000000000000000000000000\"")]
    public async Task If_Match_on_a_missing_key_is_refused(string condition)
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = await Raw.SendAsync("DELETE", At(bucket, "key"), [("If-Match", condition)]);
        Assert.True(answer.Status is 404 or 412, $"{answer.Status}: {answer.Text}");
        answer.ExpectRefusal("NoSuchKey", "PreconditionFailed");
    }

    /// <summary>AWS has only If-Match here; RFC 9110 defines the others, and a delete that ignores one deletes too much.</summary>
    [Fact]
    public async Task Deletes_take_every_form_of_a_condition_that_HTTP_has()
    {
        string bucket = await NewBucketAsync();
        string etag = await PutAsync(bucket, "key", "data");
        foreach ((string, string) fails in new[]
        {
            ("If-None-Match", "*"), ("If-None-Match", etag), ("If-None-Match", $"\"0\", W/{etag}"), ("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT"),
        })
        {
            (await Raw.SendAsync("DELETE", At(bucket, "key"), [fails])).ExpectError(412, "PreconditionFailed");
            (await Raw.SendAsync("DELETE", At(bucket, "key", "versionId=null"), [fails])).ExpectError(412, "PreconditionFailed");
            Assert.Equal("data", await ReadAsync(bucket, "key"));
        }

        foreach ((string, string)[] holds in new (string, string)[][]
        {
            [("If-None-Match", "\"00000000000000000000000000000000\"")],
            [("If-Unmodified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")],
            [("If-Unmodified-Since", "no date")],
            [("If-Match", etag), ("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT")],
        })
        {
            await PutAsync(bucket, "key", "data");
            (await Raw.SendAsync("DELETE", At(bucket, "key"), holds)).Expect(204);
            await AbsentAsync(bucket, "key");
            (await Raw.SendAsync("DELETE", At(bucket, "key"), [holds[^1]])).Expect(204);
        }
    }

    [Fact]
    public async Task Racing_conditional_deletes_have_one_winner()
    {
        string bucket = await NewBucketAsync();
        for (int round = 0; round < 5; round++)
        {
            string etag = await PutAsync(bucket, "key", "data");
            RawResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Raw.SendAsync("DELETE", At(bucket, "key"), [("If-Match", etag)])));
            Assert.Single(answers, a => a.Status == 204);
            Assert.All(answers, a => Assert.True(a.Status is 204 or 404 or 409 or 412, a.Text));
        }
    }

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        (await Raw.SendAsync("DELETE", At(bucket, "key"), [("x-amz-expected-bucket-owner", "000000000000")])).ExpectError(403, "AccessDenied");
        Assert.Equal("data", await ReadAsync(bucket, "key"));
    }
}
