using System.Net;
using Tarn.Core.Access;
using Tarn.Core.Policy;
using Tarn.S3.Operations.Settings;
using Tarn.S3.Routing;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Access;

/// <summary>Every request about a setting that is not set: who may make it, and the answer.</summary>
public sealed class UnsetSettingTests
{
    /// <summary>The documents that turn a setting on, and off if a document can.</summary>
    private static readonly Dictionary<string, (string On, string? Off)> Documents = new()
    {
        ["encryption"] = ("<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>", null),
        ["object-lock"] = ("<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>", "<ObjectLockConfiguration/>"),
        ["replication"] = ("<ReplicationConfiguration><Role>r</Role></ReplicationConfiguration>", null),
        ["website"] = ("<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>", null),
        ["notification"] = ("<NotificationConfiguration><TopicConfiguration><Id>t</Id></TopicConfiguration></NotificationConfiguration>", "<NotificationConfiguration/>"),
        ["requestPayment"] = ("<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>", "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"),
        ["accelerate"] = ("<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>", "<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>"),
        ["abac"] = ("<AbacStatus><Status>Enabled</Status></AbacStatus>", "<AbacStatus><Status>Disabled</Status></AbacStatus>"),
        ["retention"] = ("<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2040-01-01T00:00:00Z</RetainUntilDate></Retention>", "<Retention/>"),
        ["legal-hold"] = ("<LegalHold><Status>ON</Status></LegalHold>", "<LegalHold><Status>OFF</Status></LegalHold>"),
    };

    public static TheoryData<string> Names => [.. UnsetSettings.OfBuckets.Concat(UnsetSettings.OfObjects).SelectMany(setting => setting.Requests.Select(request => request.Name))];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_request_needs_its_permission_and_is_answered_that_nothing_is_set(string name)
    {
        UnsetSetting setting = UnsetSettings.OfBuckets.Concat(UnsetSettings.OfObjects).Single(setting => setting.Requests.Any(request => request.Name == name));
        SettingRequest request = setting.Requests.Single(request => request.Name == name);
        string what = $"{request.Method} bucket{(setting.Target == S3Target.Object ? "/key" : "")}?{setting.Subresource}{(request.ById ? "&id=x" : "")}";
        (string on, string? off) = Documents.TryGetValue(setting.Subresource, out var known) ? known : ("<Any/>", null);
        string? body = request.Method is "PUT" or "POST" ? off ?? on : null;
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket/key", "x");

        string[] others = [.. S3Actions.All.Select(action => action.Name()).Where(action => action is not ("s3:ListAllMyBuckets" or "s3:CreateBucket") && action != request.Action)];
        await GrantAsync(host, others);
        await host.RefusedAsync("AccessDenied", "b.user", what, body);
        await GrantAsync(host, request.Action);
        await host.RefusedAsync("AccessDenied", "b.other", what, body);
        await AssertAnswerAsync(host, "b.user", setting, request, what, body, on, off);
        await AssertAnswerAsync(host, "a", setting, request, what, body, on, off);

        await host.PolicyAsync("bucket", $$"""{"Effect":"Allow","Principal":"*","Action":"{{request.Action}}","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}""");
        Assert.True(S3Actions.TryParse(request.Action, out S3Action action));
        if (ActionReach.Of(action) == Reach.Signed)
        {
            await host.RefusedAsync("AccessDenied", null, what, body);
        }
        else
        {
            await AssertAnswerAsync(host, null, setting, request, what, body, on, off);
        }
    }

    [Fact]
    public void Changing_a_bucket_is_closed_to_who_does_not_sign()
    {
        foreach (SettingRequest request in UnsetSettings.OfBuckets.SelectMany(setting => setting.Requests))
        {
            Assert.True(S3Actions.TryParse(request.Action, out S3Action action));
            Assert.Equal(request.Method == "GET" ? Reach.Anyone : Reach.Signed, ActionReach.Of(action));
        }
    }

    [Theory]
    [InlineData("GET bucket/none?retention", "NoSuchKey")]
    [InlineData("PUT bucket/none?legal-hold", "NoSuchKey", "<LegalHold><Status>OFF</Status></LegalHold>")]
    [InlineData("GET bucket/key?retention&versionId=none", "InvalidArgument")]
    [InlineData("GET none?website", "NoSuchBucket")]
    [InlineData("PUT bucket?accelerate", "MissingRequestBodyError", "")]
    [InlineData("PUT bucket?accelerate", "MalformedXML", "<AccelerateConfiguration/>")]
    [InlineData("PUT bucket?accelerate", "MalformedXML", "<AccelerateConfiguration><Status>Off</Status></AccelerateConfiguration>")]
    [InlineData("PUT bucket?notification", "MalformedXML", "<Notification/>")]
    [InlineData("PUT bucket/key?legal-hold", "MalformedXML", "<LegalHold><Status>off</Status></LegalHold>")]
    [InlineData("PUT bucket?inventory", "InvalidRequest", "<x/>")]
    [InlineData("DELETE bucket?metrics", "InvalidRequest")]
    [InlineData("POST bucket?encryption", "MethodNotAllowed", "<x/>")]
    [InlineData("DELETE bucket/key?retention", "MethodNotAllowed")]
    [InlineData("PUT bucket?metadataInventoryTable", "NotImplemented", "<x/>")]
    [InlineData("PUT bucket?metadataJournalTable", "NotImplemented", "<x/>")]
    public async Task Odd_requests(string what, string code, string? body = null)
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket/key", "x");
        await host.RefusedAsync(code, "a", what, body);
    }

    private static async Task AssertAnswerAsync(
        AccessHost host, string? who, UnsetSetting setting, SettingRequest request, string what, string? body, string on, string? off)
    {
        switch (request.Method)
        {
            case "GET" when setting.Unset is not null && !request.ById:
                Assert.NotEmpty((await host.OkAsync(who, what)).Xml.Name.LocalName);
                break;

            case "GET":
                RawS3Response none = await host.RefusedAsync(setting.NotSet!.Code, who, what);
                Assert.Equal(HttpStatusCode.NotFound, none.Status);
                break;

            case "DELETE":
                Assert.Equal(HttpStatusCode.NoContent, (await host.OkAsync(who, what)).Status);
                break;

            default:
                if (off is not null)
                {
                    await host.OkAsync(who, what, body);
                }

                await host.RefusedAsync("NotImplemented", who, what, on);
                break;
        }
    }

    private static Task GrantAsync(AccessHost host, params string[] actions) => host.PolicyAsync(
        "bucket",
        $$"""
        {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::b:user/user"},"Action":[{{string.Join(',', actions.Select(action => $"\"{action}\""))}}],
         "Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}
        """);
}
