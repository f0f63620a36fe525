using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, PutBucketLifecycleConfiguration, GetBucketLifecycleConfiguration, DeleteBucketLifecycle.</summary>
public sealed class BucketLifecycle(TestEndpoint endpoint) : S3Test(endpoint)
{
    private const string Days = "<Expiration><Days>1</Days></Expiration>";

    [Fact]
    public async Task Rules_replace_each_other_and_go()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("GET", $"/{bucket}?lifecycle")).ExpectError(404, "NoSuchLifecycleConfiguration");
        await S3.PutLifecycleConfigurationAsync(bucket, new LifecycleConfiguration
        {
            Rules =
            [
                new()
                {
                    Id = "and",
                    Status = LifecycleRuleStatus.Enabled,
                    Filter = new()
                    {
                        LifecycleFilterPredicate = new LifecycleAndOperator
                        {
                            Operands = [new LifecyclePrefixPredicate { Prefix = "a/" }, new LifecycleTagPredicate { Tag = new Tag { Key = "k", Value = "v" } }],
                        },
                    },
                    Expiration = new() { Days = 30 },
                    NoncurrentVersionExpiration = new() { NoncurrentDays = 5, NewerNoncurrentVersions = 3 },
                },
                new()
                {
                    Id = "abort", Status = LifecycleRuleStatus.Disabled, Filter = new() { LifecycleFilterPredicate = new LifecyclePrefixPredicate { Prefix = "" } },
                    AbortIncompleteMultipartUpload = new() { DaysAfterInitiation = 7 },
                },
            ],
        });
        List<LifecycleRule> rules = (await S3.GetLifecycleConfigurationAsync(bucket)).Configuration.Rules;
        Assert.Equal(["and", "abort"], rules.Select(r => r.Id));
        Assert.Equal((30, 5, 3), (rules[0].Expiration.Days, rules[0].NoncurrentVersionExpiration.NoncurrentDays, rules[0].NoncurrentVersionExpiration.NewerNoncurrentVersions));
        Assert.Equal(7, rules[1].AbortIncompleteMultipartUpload.DaysAfterInitiation);
        Assert.Equal(LifecycleRuleStatus.Disabled, rules[1].Status);

        (await SendAsync(bucket, Rule(Days))).Expect(200);
        Assert.Equal("x", Assert.Single((await S3.GetLifecycleConfigurationAsync(bucket)).Configuration.Rules).Id);
        await S3.DeleteLifecycleConfigurationAsync(bucket);
        (await Raw.SendAsync("GET", $"/{bucket}?lifecycle")).ExpectError(404, "NoSuchLifecycleConfiguration");
        (await Raw.SendAsync("DELETE", $"/{bucket}?lifecycle")).Expect(204);
    }

    [Theory]
    [InlineData("<Rule><Filter/><Status>Enabled</Status></Rule>", "InvalidRequest")]
    [InlineData("<Rule><Status>Enabled</Status>" + Days + "</Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter/><Status>Maybe</Status>" + Days + "</Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter/><Status>Enabled</Status><Expiration><Days>0</Days></Expiration></Rule>", "InvalidArgument")]
    [InlineData("<Rule><Filter/><Status>Enabled</Status><Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration></Rule>", "InvalidArgument")]
    [InlineData("<Rule><Filter/><Status>Enabled</Status><Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration></Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter><Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></Filter><Status>Enabled</Status>" + Days + "</Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter><Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>", "InvalidRequest")]
    [InlineData("<Rule><ID>a</ID><Filter/><Status>Enabled</Status>" + Days + "</Rule><Rule><ID>a</ID><Filter/><Status>Enabled</Status>" + Days + "</Rule>", "InvalidArgument")]
    public async Task Bad_rules_are_refused_and_change_nothing(string rules, string code)
    {
        string bucket = await NewBucketAsync();
        (await SendAsync(bucket, Rule(Days))).Expect(200);
        (await SendAsync(bucket, rules)).ExpectError(400, code);
        Assert.Equal("x", (await Raw.SendAsync("GET", $"/{bucket}?lifecycle")).Expect(200).Element("ID"));
    }

    [Fact]
    public async Task A_digest_is_required()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("PUT", $"/{bucket}?lifecycle", null, Document(Rule(Days)))).ExpectError(400, "InvalidRequest");
    }

    [Fact]
    public async Task Rules_without_an_id_get_one_and_older_documents_stay_what_they_are()
    {
        string bucket = await NewBucketAsync();
        (await SendAsync(bucket, "<Rule><Prefix>old/</Prefix><Status>Enabled</Status>" + Days + "</Rule>")).Expect(200);
        RawResponse answer = (await Raw.SendAsync("GET", $"/{bucket}?lifecycle")).Expect(200);
        Assert.NotEmpty(answer.Element("ID")!);
        Assert.Equal("old/", answer.Element("Prefix"));
        Assert.Null(answer.Element("Filter"));
    }

    [Fact]
    public async Task The_default_minimum_size_of_transitions_is_told_again()
    {
        const string Name = "x-amz-transition-default-minimum-object-size";
        string bucket = await NewBucketAsync();
        Assert.Equal("all_storage_classes_128K", (await SendAsync(bucket, Rule(Days))).Expect(200)[Name]);
        await SendAsync(bucket, Rule(Days), (Name, "varies_by_storage_class"));
        Assert.Equal("varies_by_storage_class", (await Raw.SendAsync("GET", $"/{bucket}?lifecycle")).Expect(200)[Name]);
    }

    [Fact]
    public async Task Answers_tell_when_objects_expire_and_uploads_are_aborted()
    {
        string bucket = await NewBucketAsync();
        const string Abort = "<AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
        (await SendAsync(bucket, $"<Rule><ID>a b</ID><Filter><Prefix>x/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>2</Days></Expiration>{Abort}</Rule>")).Expect(200);
        RawResponse put = (await Raw.SendAsync("PUT", At(bucket, "x/1"), null, "data")).Expect(200);
        RawResponse head = (await HeadAsync(bucket, "x/1")).Expect(200);
        DateTimeOffset due = new DateTimeOffset(DateTimeOffset.Parse(head["Last-Modified"]!, null).UtcDateTime.Date, TimeSpan.Zero).AddDays(3);
        Assert.Equal($"expiry-date=\"{due:r}\", rule-id=\"a%20b\"", head["x-amz-expiration"]);
        Assert.Equal(head["x-amz-expiration"], put["x-amz-expiration"]);
        Assert.Equal(head["x-amz-expiration"], (await GetAsync(bucket, "x/1")).Expect(200)["x-amz-expiration"]);
        RawResponse upload = (await Raw.SendAsync("POST", At(bucket, "x/2", "uploads"))).Expect(200);
        Assert.True(DateTimeOffset.Parse(upload["x-amz-abort-date"]!, null) > due.AddHours(23));
        Assert.NotNull(upload["x-amz-abort-rule-id"]);
        await PutAsync(bucket, "y/1");
        Assert.Null((await HeadAsync(bucket, "y/1")).Expect(200)["x-amz-expiration"]);
    }

    private Task<RawResponse> SendAsync(string bucket, string rules, params (string Name, string Value)[] headers)
    {
        string document = Document(rules);
        return Raw.SendAsync("PUT", $"/{bucket}?lifecycle", [ContentMd5(document), .. headers], document);
    }

    private static string Rule(string actions) => $"<Rule><ID>x</ID><Filter/><Status>Enabled</Status>{actions}</Rule>";

    private static string Document(string rules) =>
        $"<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{rules}</LifecycleConfiguration>";
}
