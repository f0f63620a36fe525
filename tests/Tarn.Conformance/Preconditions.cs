using System.Globalization;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>
/// Source: Amazon S3 API Reference, GetObject and HeadObject ("Overriding precedence of conditions"); User Guide,
/// "Conditional requests" and "How to prevent object overwrites with conditional writes"; RFC 9110, section 13.
/// </summary>
public sealed class Preconditions(TestEndpoint endpoint) : S3Test(endpoint)
{
    private const string Past = "Sat, 01 Jan 2000 00:00:00 GMT";
    private const string OtherTag = "\"00000000000000000000000000000000\"";

    public static TheoryData<string, int> Reads => new()
    {
        // "=" stands for the object's ETag, "@" for its Last-Modified, "+" for an hour later.
        { "If-Match: =", 200 },
        { "If-Match: *", 200 },
        { "If-Match: " + OtherTag, 412 },
        { "If-Match: " + OtherTag + ", =", 200 },
        { "If-None-Match: =", 304 },
        { "If-None-Match: *", 304 },
        { "If-None-Match: " + OtherTag, 200 },
        { "If-None-Match: " + OtherTag + ", =", 304 },
        { "If-None-Match: W/=", 304 },
        { "If-Modified-Since: " + Past, 200 },
        { "If-Modified-Since: @", 304 },
        { "If-Unmodified-Since: @", 200 },
        { "If-Unmodified-Since: +", 200 },
        { "If-Unmodified-Since: " + Past, 412 },
        { "If-Modified-Since: not a date", 200 },
        { "If-Unmodified-Since: not a date", 200 },
        // The two overriding combinations that AWS documents.
        { "If-Match: =|If-Unmodified-Since: " + Past, 200 },
        { "If-None-Match: =|If-Modified-Since: " + Past, 304 },
        { "If-None-Match: " + OtherTag + "|If-Modified-Since: @", 200 },
        { "If-Match: " + OtherTag + "|If-Unmodified-Since: @", 412 },
        { "If-Match: " + OtherTag + "|If-None-Match: =", 412 },
        { "If-Match: =|If-None-Match: =", 304 },
        { "If-Match: =|If-Modified-Since: @", 304 },
    };

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Reads_follow_the_precedence(string conditions, int status)
    {
        string bucket = await NewBucketAsync();
        string etag = await PutAsync(bucket, "key", "0123456789");
        string modified = (await HeadAsync(bucket, "key"))["Last-Modified"]!;
        string later = DateTimeOffset.Parse(modified, CultureInfo.InvariantCulture).AddHours(1).ToString("r", CultureInfo.InvariantCulture);
        (string, string)[] headers = [.. conditions.Split('|').Select(c => c.Split(": ", 2)).Select(c => (c[0], c[1].Replace("=", etag, StringComparison.Ordinal).Replace("@", modified, StringComparison.Ordinal).Replace("+", later, StringComparison.Ordinal)))];
        RawResponse got = (await GetAsync(bucket, "key", headers)).Expect(status);
        (await HeadAsync(bucket, "key", headers)).Expect(status);
        if (status == 304)
        {
            Assert.Empty(got.Body);
            Assert.Equal(etag, got["ETag"]);
            Assert.Equal(modified, got["Last-Modified"]);
        }
        else if (status == 412)
        {
            got.ExpectError(412, "PreconditionFailed");
        }

        if (status == 200)
        {
            RawResponse part = (await GetAsync(bucket, "key", [("Range", "bytes=1-2"), .. headers])).Expect(206);
            Assert.Equal("12", part.Text);
        }
    }

    [Fact]
    public async Task Conditions_on_a_missing_key_leave_it_missing()
    {
        string bucket = await NewBucketAsync();
        (await GetAsync(bucket, "key", ("If-Match", OtherTag))).ExpectError(404, "NoSuchKey");
        (await GetAsync(bucket, "key", ("If-None-Match", "*"))).ExpectError(404, "NoSuchKey");
    }

    [Fact]
    public async Task If_Range_gives_the_part_only_while_the_object_is_the_same()
    {
        string bucket = await NewBucketAsync();
        string etag = await PutAsync(bucket, "key", "0123456789");
        Assert.Equal("12", (await GetAsync(bucket, "key", ("Range", "bytes=1-2"), ("If-Range", etag))).Expect(206).Text);
        Assert.Equal("0123456789", (await GetAsync(bucket, "key", ("Range", "bytes=1-2"), ("If-Range", OtherTag))).Expect(200).Text);
    }

    [Fact]
    public async Task Put_if_none_match_star_creates_and_never_overwrites()
    {
        string bucket = await NewBucketAsync();
        (await PutIfAsync(bucket, "first", ("If-None-Match", "*"))).Expect(200);
        (await PutIfAsync(bucket, "second", ("If-None-Match", "*"))).ExpectError(412, "PreconditionFailed");
        Assert.Equal("first", await ReadAsync(bucket, "key"));
        (await Raw.SendAsync("DELETE", At(bucket, "key"))).Expect(204);
        (await PutIfAsync(bucket, "third", ("If-None-Match", "*"))).Expect(200);
        Assert.Equal("third", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task Writes_take_every_form_of_a_condition_that_HTTP_has()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "from", "copied");
        (string Name, Func<string, (string, string), Task<RawResponse>> WriteAsync)[] writes =
        [
            ("put", (key, condition) => Raw.SendAsync("PUT", At(bucket, key), [condition], Utf8("put"))),
            ("copy", (key, condition) => Raw.SendAsync("PUT", At(bucket, key), [condition, ("x-amz-copy-source", $"/{bucket}/from")], "")),
            ("complete", async (key, condition) =>
            {
                string upload = await StartUploadAsync(bucket, key);
                return await CompleteAsync(bucket, key, upload, [(1, await PutPartAsync(bucket, key, upload, 1, Utf8("parts")))], condition);
            }),
        ];
        foreach ((string name, Func<string, (string, string), Task<RawResponse>> writeAsync) in writes)
        {
            (await writeAsync(name, ("If-Match", "*"))).ExpectError(412, "PreconditionFailed");
            (await writeAsync(name, ("If-Match", OtherTag))).ExpectError(404, "NoSuchKey");
            await AbsentAsync(bucket, name);
            (await writeAsync(name, ("If-None-Match", OtherTag))).Expect(200);
            string etag = await PutAsync(bucket, name, "there");
            (await writeAsync(name, ("If-None-Match", etag))).ExpectError(412, "PreconditionFailed");
            (await writeAsync(name, ("If-None-Match", $"{OtherTag}, W/{etag}"))).ExpectError(412, "PreconditionFailed");
            (await writeAsync(name, ("If-Match", "W/" + etag))).ExpectError(412, "PreconditionFailed");
            (await writeAsync(name, ("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT"))).ExpectError(412, "PreconditionFailed");
            Assert.Equal("there", await ReadAsync(bucket, name));
            (await writeAsync(name, ("If-Match", $"{OtherTag},{etag}"))).Expect(200);
            (await writeAsync(name, ("If-None-Match", etag))).Expect(200);
            (await writeAsync(name, ("If-Match", "*"))).Expect(200);
        }
    }

    [Theory]
    [InlineData("If-Match", "*")]
    [InlineData("If-None-Match", "*")]
    [InlineData("If-Unmodified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")]
    [InlineData("x-amz-if-match-initiated-time", "Fri, 01 Jan 2100 00:00:00 GMT")]
    public async Task Writes_that_have_no_conditions_refuse_them(string name, string value)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "there");
        string upload = await StartUploadAsync(bucket, "up");
        string tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
        foreach ((string method, string target, (string, string)[] headers, string body) in new (string, string, (string, string)[], string)[]
        {
            ("PUT", At(bucket, "up", $"partNumber=1&uploadId={upload}"), [], "part"),
            ("PUT", At(bucket, "up", $"partNumber=1&uploadId={upload}"), [("x-amz-copy-source", $"/{bucket}/key")], ""),
            ("DELETE", At(bucket, "up", $"uploadId={upload}"), [], ""),
            ("PUT", At(bucket, "key", "tagging"), [("Content-MD5", Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(Utf8(tags))))], tags),
            ("DELETE", At(bucket, "key", "tagging"), [], ""),
        })
        {
            RawResponse answer = await Raw.SendAsync(method, target, [.. headers, (name, value)], body);
            answer.ExpectError(501, "NotImplemented");
            Assert.Contains(name.ToLowerInvariant(), answer.Text, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Empty((await Raw.SendAsync("GET", At(bucket, "up", $"uploadId={upload}"))).Expect(200).Elements("PartNumber"));
        Assert.Empty((await Raw.SendAsync("GET", At(bucket, "key", "tagging"))).Expect(200).Elements("Key"));
    }

    [Fact]
    public async Task An_upload_begins_only_if_its_condition_holds()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "there");
        (await Raw.SendAsync("POST", At(bucket, "key", "uploads"), [("If-None-Match", "*")], "")).ExpectError(412, "PreconditionFailed");
        (await Raw.SendAsync("POST", At(bucket, "key", "uploads"), [("If-Match", OtherTag)], "")).ExpectError(412, "PreconditionFailed");
        (await Raw.SendAsync("POST", At(bucket, "key", "uploads"), [("If-Match", "*")], "")).Expect(200);
    }

    [Fact]
    public async Task Of_racing_writers_over_a_tag_that_must_not_be_there_exactly_one_wins()
    {
        string bucket = await NewBucketAsync();
        for (int round = 0; round < 5; round++)
        {
            string etag = await PutAsync(bucket, "key", $"old {round}");
            RawResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i =>
                Raw.SendAsync("PUT", At(bucket, "key"), [("If-Match", $"{OtherTag}, {etag}")], Utf8($"new {i}"))));
            int winner = Assert.Single(Enumerable.Range(0, 12), i => answers[i].Status == 200);
            Assert.All(answers.Where(a => a.Status != 200), a => a.ExpectRefusal("PreconditionFailed", "ConditionalRequestConflict"));
            Assert.Equal($"new {winner}", await ReadAsync(bucket, "key"));
        }
    }

    [Fact]
    public async Task Put_if_match_replaces_the_object_with_that_ETag_alone()
    {
        string bucket = await NewBucketAsync();
        (await PutIfAsync(bucket, "x", ("If-Match", OtherTag))).ExpectError(404, "NoSuchKey");
        await AbsentAsync(bucket, "key");
        string first = await PutAsync(bucket, "key", "first");
        (await PutIfAsync(bucket, "x", ("If-Match", OtherTag))).ExpectError(412, "PreconditionFailed");
        Assert.Equal("first", await ReadAsync(bucket, "key"));
        string second = (await PutIfAsync(bucket, "second", ("If-Match", first))).Expect(200)["ETag"]!;
        (await PutIfAsync(bucket, "x", ("If-Match", first))).ExpectError(412, "PreconditionFailed");
        (await PutIfAsync(bucket, "third", ("If-Match", second.Trim('"')))).Expect(200);
        Assert.Equal("third", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task Of_racing_creators_exactly_one_wins()
    {
        string bucket = await NewBucketAsync();
        for (int round = 0; round < 5; round++)
        {
            RawResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i =>
                Raw.SendAsync("PUT", At(bucket, $"key{round}"), [("If-None-Match", "*")], Pattern(i % 2 == 0 ? 100 : 200_000, i))));
            int winner = Assert.Single(Enumerable.Range(0, 12), i => answers[i].Status == 200);
            Assert.All(answers.Where(a => a.Status != 200), a => a.ExpectRefusal("PreconditionFailed", "ConditionalRequestConflict"));
            Assert.Equal(Pattern(winner % 2 == 0 ? 100 : 200_000, winner), (await GetAsync(bucket, $"key{round}")).Expect(200).Body);
        }
    }

    [Fact]
    public async Task Of_racing_replacers_exactly_one_wins()
    {
        string bucket = await NewBucketAsync();
        string etag = await PutAsync(bucket, "key", "start");
        for (int round = 0; round < 5; round++)
        {
            RawResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
                Raw.SendAsync("PUT", At(bucket, "key"), [("If-Match", etag)], Utf8($"round {round} writer {i}"))));
            int winner = Assert.Single(Enumerable.Range(0, 10), i => answers[i].Status == 200);
            Assert.All(answers.Where(a => a.Status != 200), a => a.ExpectRefusal("PreconditionFailed", "ConditionalRequestConflict"));
            Assert.Equal($"round {round} writer {winner}", await ReadAsync(bucket, "key"));
            etag = answers[winner]["ETag"]!;
        }
    }

    [Fact]
    public async Task A_counter_kept_with_if_match_loses_no_increment()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "counter", "0");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            for (int done = 0; done < 5;)
            {
                RawResponse got = (await GetAsync(bucket, "counter")).Expect(200);
                string next = $"{int.Parse(got.Text, CultureInfo.InvariantCulture) + 1}";
                RawResponse put = await Raw.SendAsync("PUT", At(bucket, "counter"), [("If-Match", got["ETag"]!)], Utf8(next));
                Assert.True(put.Status is 200 or 409 or 412, put.Text);
                done += put.Status == 200 ? 1 : 0;
            }
        }));
        Assert.Equal("30", await ReadAsync(bucket, "counter"));
    }

    [Fact]
    public async Task Complete_if_none_match_star_never_overwrites_and_the_upload_survives_the_refusal()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("parts"));
        await PutAsync(bucket, "key", "plain");
        (await CompleteAsync(bucket, "key", upload, [(1, etag)], ("If-None-Match", "*"))).ExpectError(412, "PreconditionFailed");
        Assert.Equal("plain", await ReadAsync(bucket, "key"));
        (await Raw.SendAsync("DELETE", At(bucket, "key"))).Expect(204);
        RawResponse again = await CompleteAsync(bucket, "key", upload, [(1, etag)], ("If-None-Match", "*"));
        Assert.True(again.Status is 200 or 404, again.Text);
    }

    [Fact]
    public async Task Complete_if_match()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string part = await PutPartAsync(bucket, "key", upload, 1, Utf8("parts"));
        (await CompleteAsync(bucket, "key", upload, [(1, part)], ("If-Match", OtherTag))).ExpectError(404, "NoSuchKey");
        string etag = await PutAsync(bucket, "key", "plain");
        (await CompleteAsync(bucket, "key", upload, [(1, part)], ("If-Match", OtherTag))).ExpectError(412, "PreconditionFailed");
        Assert.Equal("plain", await ReadAsync(bucket, "key"));
        (await CompleteAsync(bucket, "key", upload, [(1, part)], ("If-Match", etag))).Expect(200);
        Assert.Equal("parts", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task Of_racing_completions_and_puts_exactly_one_creates()
    {
        string bucket = await NewBucketAsync();
        for (int round = 0; round < 4; round++)
        {
            string key = $"key{round}";
            var ready = new List<(string Upload, string ETag)>();
            for (int i = 0; i < 4; i++)
            {
                string upload = await StartUploadAsync(bucket, key);
                ready.Add((upload, await PutPartAsync(bucket, key, upload, 1, Utf8($"upload {i}"))));
            }

            RawResponse[] answers = await Task.WhenAll(
                ready.Select(r => CompleteAsync(bucket, key, r.Upload, [(1, r.ETag)], ("If-None-Match", "*")))
                    .Concat(Enumerable.Range(0, 4).Select(i => Raw.SendAsync("PUT", At(bucket, key), [("If-None-Match", "*")], Utf8($"put {i}")))));
            int winner = Assert.Single(Enumerable.Range(0, 8), i => answers[i].Status == 200);
            Assert.All(answers.Where(a => a.Status != 200), a => a.ExpectRefusal("PreconditionFailed", "ConditionalRequestConflict"));
            Assert.Equal(winner < 4 ? $"upload {winner}" : $"put {winner - 4}", await ReadAsync(bucket, key));
        }
    }

    private Task<RawResponse> PutIfAsync(string bucket, string data, (string Name, string Value) condition) =>
        Raw.SendAsync("PUT", At(bucket, "key"), [condition], Utf8(data));
}
