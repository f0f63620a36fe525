using System.Text;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, PutObject; User Guide, "Working with object metadata" and "Naming objects".</summary>
public sealed class PutObject(TestEndpoint endpoint) : S3Test(endpoint)
{
    public static TheoryData<string> OddKeys => new(
        "plain", "a//b", "//", "/leading", "trailing/", "..", "../..", "a/../b", "./x", ".", "a/./b", " ", "a b", " both ", "+", "a+b", "%", "%25", "%2F", "a%20b",
        "?", "a?b=c&d", "#", "a#b", "&", "=", ";", ":", "@", "$,", "!'()*~", "\"quoted\"", "<tag>", "back\\slash", "|^`{}[]", "\u00e9", "e\u0301", "日本語/鍵", "😀", "\uff5e",
        "tab\there", "line\nfeed", "\r", "\u0001\u001f", "\u007f", "\u2028", "\ufffd", "a/b/c/d/e/f/g/h/i/j/k/l/m", "uploads", "?uploads", "index.html");

    [Theory]
    [MemberData(nameof(OddKeys))]
    public async Task Any_key_comes_back_byte_for_byte(string key)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, key, "data of " + key);
        Assert.Equal("data of " + key, await ReadAsync(bucket, key));
        RawResponse list = (await Raw.SendAsync("GET", $"/{bucket}?list-type=2&encoding-type=url")).Expect(200);
        Assert.Equal(key, Uri.UnescapeDataString(Assert.Single(list.Elements("Key"))));
        (await Raw.SendAsync("DELETE", At(bucket, key))).Expect(204);
        await AbsentAsync(bucket, key);
    }

    [Theory]
    [MemberData(nameof(OddKeys))]
    public async Task Any_key_through_the_SDK(string key)
    {
        Assert.SkipWhen(key.StartsWith('/'), "The SDK for .NET signs the leading slash of a key but does not send it.");
        string bucket = await NewBucketAsync();
        await S3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, ContentBody = "data" });
        Assert.Equal("data", await ReadAsync(bucket, key));
        using GetObjectResponse got = await S3.GetObjectAsync(bucket, key);
        Assert.Equal(4, got.ContentLength);
    }

    [Fact]
    public async Task Odd_keys_are_all_different_objects()
    {
        string bucket = await NewBucketAsync();
        string[] keys = [.. OddKeys.Select(row => row.Data)];
        foreach (string key in keys)
        {
            await PutAsync(bucket, key, key);
        }

        foreach (string key in keys)
        {
            Assert.Equal(key, await ReadAsync(bucket, key));
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("é")]
    [InlineData("😀")]
    public async Task Key_of_1024_bytes_is_the_longest(string unit)
    {
        string bucket = await NewBucketAsync();
        string longest = string.Concat(Enumerable.Repeat(unit, 1024 / Encoding.UTF8.GetByteCount(unit)));
        await PutAsync(bucket, longest, "data");
        Assert.Equal("data", await ReadAsync(bucket, longest));
        (await Raw.SendAsync("PUT", At(bucket, longest + "x"), [], "data")).ExpectError(400, "KeyTooLongError");
        (await GetAsync(bucket, longest + "x")).ExpectRefusal("KeyTooLongError", "NoSuchKey");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(3_000_001)]
    public async Task Sizes_come_back_whole_with_the_MD5_as_ETag(int size)
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(size);
        Assert.Equal(ETag(data), await PutAsync(bucket, "key", data));
        RawResponse got = (await GetAsync(bucket, "key")).Expect(200);
        Assert.Equal(data, got.Body);
        Assert.Equal(ETag(data), got["ETag"]);
        Assert.Equal($"{size}", got["Content-Length"]);
    }

    [Fact]
    public async Task Overwrite_replaces_data_and_metadata_together()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "old", ("x-amz-meta-a", "1"), ("Content-Type", "text/plain"));
        await PutAsync(bucket, "key", "new data", ("x-amz-meta-b", "2"));
        RawResponse got = (await GetAsync(bucket, "key")).Expect(200);
        Assert.Equal("new data", got.Text);
        Assert.Null(got["x-amz-meta-a"]);
        Assert.Equal("2", got["x-amz-meta-b"]);
        Assert.Equal("binary/octet-stream", got["Content-Type"]);
    }

    [Fact]
    public async Task System_metadata_is_returned_as_given()
    {
        string bucket = await NewBucketAsync();
        (string Name, string Value)[] headers =
        [
            ("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"), ("Content-Disposition", "attachment; filename=\"a b.txt\""),
            ("Content-Language", "en, de"), ("Cache-Control", "max-age=3600, private"), ("Expires", "Wed, 21 Oct 2037 07:28:00 GMT"),
        ];
        await PutAsync(bucket, "key", "data", headers);
        foreach (RawResponse answer in (RawResponse[])[await HeadAsync(bucket, "key"), await GetAsync(bucket, "key")])
        {
            answer.Expect(200);
            Assert.All(headers, h => Assert.Equal(h.Value, answer[h.Name]));
        }
    }

    [Theory]
    [InlineData("aws-chunked", null)]
    [InlineData("aws-chunked,gzip", "gzip")]
    [InlineData("gzip, aws-chunked", "gzip")]
    public async Task Aws_chunked_is_no_part_of_the_stored_encoding(string sent, string? stored)
    {
        string bucket = await NewBucketAsync();
        var body = new ChunkedBody { Mode = ChunkedBody.Signed, Data = Utf8("data"), ContentEncoding = sent };
        (await body.SendAsync(Raw, At(bucket, "key"))).Expect(200);
        Assert.Equal(stored, (await GetAsync(bucket, "key")).Expect(200)["Content-Encoding"]);
        Assert.Equal("data", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task User_metadata_is_returned_in_lower_case_names()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "", ("x-amz-meta-Mixed-Case", "Value Kept"), ("X-Amz-Meta-two", "2"));
        RawResponse head = (await HeadAsync(bucket, "key")).Expect(200);
        Assert.Contains(("x-amz-meta-mixed-case", "Value Kept"), head.Headers);
        Assert.Contains(("x-amz-meta-two", "2"), head.Headers);
    }

    [Fact]
    public async Task User_metadata_may_total_2048_bytes_of_names_and_values()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "", ("x-amz-meta-aaaa", new string('v', 1020)), ("x-amz-meta-bbbb", new string('v', 1020)));
        Assert.Equal(1020, (await HeadAsync(bucket, "key"))["x-amz-meta-bbbb"]!.Length);
        (await Raw.SendAsync("PUT", At(bucket, "other"), [("x-amz-meta-aaaa", new string('v', 1020)), ("x-amz-meta-bbbb", new string('v', 1021))], ""))
            .ExpectError(400, "MetadataTooLarge");
        await AbsentAsync(bucket, "other");
    }

    [Theory]
    [InlineData("é ü 日本 😀")]
    [InlineData("plain")]
    public async Task User_metadata_beyond_ASCII_survives(string value)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "raw", "", ("x-amz-meta-v", RawClient.Utf8Bytes(value)));
        Assert.Equal(value, MailSafe.Decode((await HeadAsync(bucket, "raw")).Expect(200)["x-amz-meta-v"]!));
        await PutAsync(bucket, "encoded", "", ("x-amz-meta-v", MailSafe.Encode(value)));
        Assert.Equal(value, MailSafe.Decode((await HeadAsync(bucket, "encoded")).Expect(200)["x-amz-meta-v"]!));
    }

    [Fact]
    public async Task User_metadata_beyond_ASCII_comes_back_as_words_and_other_bytes_as_they_were()
    {
        string bucket = await NewBucketAsync();
        string text = string.Concat(Enumerable.Repeat("é日😀x", 12));
        await PutAsync(bucket, "key", "", ("x-amz-meta-utf8", RawClient.Utf8Bytes(text)), ("x-amz-meta-bytes", "a\u00e9\u00ff b"), ("x-amz-meta-word", "=?UTF-8?Q?=C3=A9?="));
        (await Raw.SendAsync("PUT", At(bucket, "copy"), [("x-amz-copy-source", $"/{bucket}/key")], "")).Expect(200);
        foreach (RawResponse answer in new[] { await HeadAsync(bucket, "key"), await HeadAsync(bucket, "copy"), await GetAsync(bucket, "key") })
        {
            Assert.Equal(text, MailSafe.Decode(answer.Expect(200)["x-amz-meta-utf8"]!));
            Assert.All(answer["x-amz-meta-utf8"]!.Split(' '), word => Assert.Matches(@"^=\?UTF-8\?B\?[A-Za-z0-9+/=]{1,63}\?=$", word));
            Assert.Equal("a\u00e9\u00ff b", answer["x-amz-meta-bytes"]);
            Assert.Equal("=?UTF-8?Q?=C3=A9?=", answer["x-amz-meta-word"]);
        }
    }

    [Theory]
    [InlineData("a\u00e9\u00ff b")]
    [InlineData("\u00c3\u00a9")]
    public async Task Headers_that_are_stored_come_back_byte_for_byte(string value)
    {
        string bucket = await NewBucketAsync();
        foreach (string name in (string[])["Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires"])
        {
            await PutAsync(bucket, "key", "", (name, value));
            Assert.Equal((name, value), (name, (await HeadAsync(bucket, "key")).Expect(200)[name]));
        }
    }

    [Fact]
    public async Task Storage_class_is_kept_and_STANDARD_is_not_named()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "standard", "", ("x-amz-storage-class", "STANDARD"));
        await PutAsync(bucket, "rare", "", ("x-amz-storage-class", "STANDARD_IA"));
        Assert.Null((await HeadAsync(bucket, "standard"))["x-amz-storage-class"]);
        Assert.Equal("STANDARD_IA", (await HeadAsync(bucket, "rare"))["x-amz-storage-class"]);
        ListObjectsV2Response list = await S3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket });
        Assert.Equal(["STANDARD_IA", "STANDARD"], list.S3Objects.Select(o => o.StorageClass.Value));
        (await Raw.SendAsync("PUT", At(bucket, "bad"), [("x-amz-storage-class", "SHINY")], "")).ExpectError(400, "InvalidStorageClass");
    }

    [Fact]
    public async Task Directory_markers_are_ordinary_objects()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "dir/", "", ("Content-Type", "application/x-directory"));
        await PutAsync(bucket, "dir/file", "in it");
        await AbsentAsync(bucket, "dir");
        Assert.Equal("application/x-directory", (await HeadAsync(bucket, "dir/")).Expect(200)["Content-Type"]);
        await PutAsync(bucket, "dir/", "with data");
        Assert.Equal("with data", await ReadAsync(bucket, "dir/"));
        (await Raw.SendAsync("DELETE", At(bucket, "dir/"))).Expect(204);
        Assert.Equal("in it", await ReadAsync(bucket, "dir/file"));
    }

    [Fact]
    public async Task A_key_may_be_the_directory_of_another()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a", "1");
        await PutAsync(bucket, "a/b", "2");
        await PutAsync(bucket, "a/b/c", "3");
        Assert.Equal(["1", "2", "3"], [await ReadAsync(bucket, "a"), await ReadAsync(bucket, "a/b"), await ReadAsync(bucket, "a/b/c")]);
    }

    [Fact]
    public async Task Missing_bucket_is_NoSuchBucket() =>
        (await Raw.SendAsync("PUT", At(NewName(), "key"), [], "data")).ExpectError(404, "NoSuchBucket");

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("x-amz-expected-bucket-owner", "000000000000")], "data")).ExpectError(403, "AccessDenied");
        await AbsentAsync(bucket, "key");
    }

    [Theory]
    [InlineData("x-amz-server-side-encryption", "AES256")]
    [InlineData("x-amz-server-side-encryption", "aws:kms")]
    [InlineData("x-amz-server-side-encryption-aws-kms-key-id", "key")]
    [InlineData("x-amz-server-side-encryption-bucket-key-enabled", "true")]
    [InlineData("x-amz-server-side-encryption-customer-algorithm", "AES256")]
    [InlineData("x-amz-object-lock-mode", "GOVERNANCE")]
    [InlineData("x-amz-object-lock-retain-until-date", "2037-01-01T00:00:00Z")]
    [InlineData("x-amz-object-lock-legal-hold", "ON")]
    [InlineData("x-amz-website-redirect-location", "/elsewhere")]
    [InlineData("x-amz-write-offset-bytes", "0")]
    public async Task Not_implemented_headers_are_NotImplemented_and_store_nothing(string name, string value)
    {
        string bucket = await NewBucketAsync();
        RawResponse refused = (await Raw.SendAsync("PUT", At(bucket, "key"), [(name, value)], "data")).ExpectError(501, "NotImplemented");
        Assert.Contains(name, refused.Element("Message"), StringComparison.Ordinal);
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task Racing_writers_leave_one_whole_object()
    {
        string bucket = await NewBucketAsync();
        byte[][] candidates = [.. Enumerable.Range(0, 8).Select(i => Pattern(100_000 + i, i))];
        await Task.WhenAll(candidates.Select(data => PutAsync(bucket, "key", data)));
        RawResponse got = (await GetAsync(bucket, "key")).Expect(200);
        Assert.Contains(candidates, data => data.AsSpan().SequenceEqual(got.Body));
        Assert.Equal(ETag(got.Body), got["ETag"]);
    }

    [Fact]
    public async Task The_SDK_round_trips_metadata_and_a_stream()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(200_000);
        var request = new PutObjectRequest { BucketName = bucket, Key = "a b/ü+%.bin", InputStream = new MemoryStream(data), ContentType = "image/png" };
        request.Metadata["colour"] = "green";
        PutObjectResponse put = await S3.PutObjectAsync(request);
        Assert.Equal(ETag(data), put.ETag);
        using GetObjectResponse got = await S3.GetObjectAsync(bucket, "a b/ü+%.bin");
        var read = new MemoryStream();
        await got.ResponseStream.CopyToAsync(read);
        Assert.Equal(data, read.ToArray());
        Assert.Equal("green", got.Metadata["colour"]);
        Assert.Equal("image/png", got.Headers.ContentType);
    }
}
