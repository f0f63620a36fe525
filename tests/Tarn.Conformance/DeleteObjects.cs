using System.Security;
using System.Security.Cryptography;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, DeleteObjects.</summary>
public sealed class DeleteObjects(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Verbose_names_every_key_missing_ones_too()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a");
        await PutAsync(bucket, "b");
        DeleteObjectsResponse answer = await S3.DeleteObjectsAsync(Request(bucket, false, "a", "b", "never"));
        Assert.Equal(["a", "b", "never"], answer.DeletedObjects.Select(d => d.Key).Order(StringComparer.Ordinal));
        Assert.Empty(answer.DeleteErrors ?? []);
        await AbsentAsync(bucket, "a");
        await AbsentAsync(bucket, "b");
    }

    [Fact]
    public async Task Quiet_names_nothing_that_went_well()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a");
        DeleteObjectsResponse answer = await S3.DeleteObjectsAsync(Request(bucket, true, "a", "never"));
        Assert.Empty(answer.DeletedObjects ?? []);
        Assert.Empty(answer.DeleteErrors ?? []);
        await AbsentAsync(bucket, "a");
    }

    [Fact]
    public async Task A_thousand_keys_go_at_once_and_one_more_is_MalformedXML()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "k0999");
        string[] keys = [.. Enumerable.Range(0, 1000).Select(i => $"k{i:0000}")];
        (await SendAsync(bucket, Body([.. keys, "k1000"]))).ExpectError(400, "MalformedXML");
        (await HeadAsync(bucket, "k0999")).Expect(200);
        RawResponse answer = (await SendAsync(bucket, Body(keys))).Expect(200);
        Assert.Equal("DeleteResult", answer.Xml().Name.LocalName);
        Assert.Equal(1000, answer.Elements("Key").Length);
        await AbsentAsync(bucket, "k0999");
    }

    [Fact]
    public async Task Odd_keys_are_understood()
    {
        string bucket = await NewBucketAsync();
        string[] keys = ["a//b", "../x", " lead", "trail ", "<&>\"'", "é😀", "a+b%20", "tab\tx", "dir/"];
        foreach (string key in keys)
        {
            await PutAsync(bucket, key);
        }

        DeleteObjectsResponse answer = await S3.DeleteObjectsAsync(Request(bucket, false, keys));
        Assert.Equal(keys.Order(StringComparer.Ordinal), answer.DeletedObjects.Select(d => d.Key).Order(StringComparer.Ordinal));
        Assert.Empty((await Raw.SendAsync("GET", $"/{bucket}?list-type=2")).Expect(200).Elements("Key"));
    }

    [Fact]
    public async Task Key_too_long_is_an_error_of_its_own_and_the_rest_goes()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a");
        RawResponse answer = await SendAsync(bucket, Body("a", new string('x', 1025)));
        if (answer.Status == 200)
        {
            Assert.Equal("KeyTooLongError", answer.Element("Code"));
            await AbsentAsync(bucket, "a");
        }
        else
        {
            answer.ExpectError(400, "KeyTooLongError", "MalformedXML");
        }
    }

    [Fact]
    public async Task The_same_key_twice_is_no_error()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a");
        (await SendAsync(bucket, Body("a", "a"))).Expect(200);
        await AbsentAsync(bucket, "a");
    }

    [Fact]
    public async Task ETag_of_an_item_is_a_condition()
    {
        string bucket = await NewBucketAsync();
        string etag = await PutAsync(bucket, "right", "1");
        await PutAsync(bucket, "wrong", "2");
        RawResponse answer = (await SendAsync(bucket,
            $"<Delete><Object><Key>right</Key><ETag>{SecurityElement.Escape(etag)}</ETag></Object><Object><Key>wrong</Key><ETag>{SecurityElement.Escape(etag)}</ETag></Object></Delete>")).Expect(200);
        Assert.Equal("PreconditionFailed", answer.Element("Code"));
        await AbsentAsync(bucket, "right");
        Assert.Equal("2", await ReadAsync(bucket, "wrong"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<Delete></Delete>")]
    [InlineData("<Delete><Object></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key></Object>")]
    [InlineData("<Delete><Object><Key>a</Key></Object><Object><Key></Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key></Object><Object><Key/></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key><Unknown/></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key></Object><Quiet>perhaps</Quiet></Delete>")]
    [InlineData("<Other><Object><Key>a</Key></Object></Other>")]
    [InlineData("{\"Objects\":[]}")]
    public async Task Malformed_list_is_MalformedXML_and_deletes_nothing(string body)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a", "kept");
        (await SendAsync(bucket, body)).ExpectError(400, "MalformedXML", "MissingRequestBodyError");
        Assert.Equal("kept", await ReadAsync(bucket, "a"));
    }

    [Fact]
    public async Task A_version_that_cannot_be_is_an_error_of_its_own_and_the_rest_goes()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a", "kept");
        await PutAsync(bucket, "b");
        foreach (string version in (string[])["impossible", "", "Null", " null"])
        {
            RawResponse answer = (await SendAsync(
                bucket, $"<Delete><Object><Key>a</Key><VersionId>{version}</VersionId></Object><Object><Key>b</Key><VersionId>null</VersionId></Object></Delete>")).Expect(200);
            Assert.Equal(("NoSuchVersion", "The specified version does not exist."), (answer.Element("Code"), answer.Element("Message")));
            await AbsentAsync(bucket, "b");
        }

        Assert.Equal("kept", await ReadAsync(bucket, "a"));
    }

    [Fact]
    public async Task Any_checksum_vouches_for_the_list()
    {
        string bucket = await NewBucketAsync();
        string body = Body("never");
        foreach (string algorithm in Digest.Algorithms)
        {
            (await Raw.SendAsync("POST", $"/{bucket}?delete", [(Digest.Header(algorithm), Digest.Base64(algorithm, Utf8(body)))], body)).Expect(200);
        }
    }

    [Fact]
    public async Task A_wrong_checksum_is_refused()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a", "kept");
        byte[] other = Utf8("something else");
        (await Raw.SendAsync("POST", $"/{bucket}?delete", [("Content-MD5", Convert.ToBase64String(MD5.HashData(other)))], Body("a"))).ExpectError(400, "BadDigest");
        (await Raw.SendAsync("POST", $"/{bucket}?delete", [("x-amz-checksum-crc32", Digest.Base64("CRC32", other))], Body("a"))).ExpectError(400, "BadDigest", "InvalidRequest");
        Assert.Equal("kept", await ReadAsync(bucket, "a"));
    }

    [Fact]
    public async Task Missing_bucket_is_NoSuchBucket() => (await SendAsync(NewName(), Body("a"))).ExpectError(404, "NoSuchBucket");

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        string body = Body("a");
        (await Raw.SendAsync("POST", $"/{bucket}?delete", [("Content-MD5", Convert.ToBase64String(MD5.HashData(Utf8(body)))), ("x-amz-expected-bucket-owner", "000000000000")], body))
            .ExpectError(403, "AccessDenied");
    }

    /// <summary>Its sender believes that versions are protected by a second factor; DeleteObject refuses it for the same reason.</summary>
    [Fact]
    public async Task An_MFA_token_is_NotImplemented_and_nothing_goes()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a");
        string body = Body("a");
        (await Raw.SendAsync("POST", $"/{bucket}?delete", [("Content-MD5", Convert.ToBase64String(MD5.HashData(Utf8(body)))), ("x-amz-mfa", "serial 123456")], body))
            .ExpectError(501, "NotImplemented");
        (await HeadAsync(bucket, "a")).Expect(200);
    }

    private static DeleteObjectsRequest Request(string bucket, bool quiet, params string[] keys) =>
        new() { BucketName = bucket, Quiet = quiet, Objects = [.. keys.Select(k => new KeyVersion { Key = k })] };

    private static string Body(params string[] keys) =>
        "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + string.Concat(keys.Select(k => $"<Object><Key>{SecurityElement.Escape(k)}</Key></Object>")) + "</Delete>";

    private Task<RawResponse> SendAsync(string bucket, string body) =>
        Raw.SendAsync("POST", $"/{bucket}?delete", [("Content-MD5", Convert.ToBase64String(MD5.HashData(Utf8(body))))], body);
}
