using System.Text.Json;
using System.Text.Json.Nodes;
using Tarn.Server.Cli.Buckets.Settings;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Cli.BucketSettings;

/// <summary><c>tarn bucket export</c> and <c>tarn bucket apply</c>, over S3 with real servers.</summary>
public sealed class BucketSettingsCommandTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new("settings");
    private SettingsCli _cli = null!;

    private string At => $"at            {_cli.Server.S3Url}\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cli = await SettingsCli.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _cli.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public void A_file_has_every_setting_that_a_bucket_can_have() =>
        Assert.Equal(Tarn.S3.Operations.Settings.BucketSettings.Set.Select(static setting => setting.Subresource).Order(), SettingKinds.All.Select(static kind => kind.Name).Order());

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_is_exported_makes_another_bucket_the_same_byte_for_byte(int seed)
    {
        var random = new Random(seed);
        var settings = new RandomSettings(random);
        await using SettingsCli elsewhere = await SettingsCli.StartAsync();
        for (int round = 0; round < 12; round++)
        {
            // A policy names its bucket, so elsewhere is another server; there the bucket is new, or has other settings.
            string bucket = $"bucket-{round}";
            await ApplyAsync(_cli, bucket, settings.Next(bucket), "--create");
            string exported = await _cli.DoneAsync("bucket", "export", bucket);
            if (JsonNode.Parse(exported)!["versioning"] is not null && random.Next(2) == 0)
            {
                await ApplyAsync(elsewhere, bucket, Unguarded(settings.Next(bucket)), "--create");
            }

            string file = Write(exported);
            await elsewhere.DoneAsync("bucket", "apply", bucket, file, "--create");
            Assert.Equal(exported, await elsewhere.DoneAsync("bucket", "export", bucket));
            JsonElement again = await elsewhere.JsonAsync("bucket", "apply", bucket, file);
            Assert.Equal((0, SettingKinds.All.Count), (again.GetProperty("changes").GetArrayLength(), again.GetProperty("unchanged").GetArrayLength()));
        }
    }

    [Fact]
    public async Task What_the_aws_program_prints_is_accepted_and_becomes_what_is_exported()
    {
        await ApplyAsync(_cli, "photos", Parse("""{"schemaVersion":1,"ownershipControls":{"Rules":[{"ObjectOwnership":"ObjectWriter"}]}}"""), "--create");
        await ApplyAsync(_cli, "photos", Parse($$$"""
            {
              "schemaVersion": 1,
              "versioning": {"Status": "Enabled"},
              "lifecycle": {"Rules": [{"Expiration": {"Days": 30}, "ID": "old", "Filter": {"And": {"Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}], "Prefix": "x/"}}, "Status": "Enabled"}]},
              "acl": {"Owner": {"DisplayName": "acme", "ID": "{{{SettingsCli.Owner}}}"}, "Grants": [{"Grantee": {"DisplayName": "acme", "ID": "{{{SettingsCli.Owner}}}", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]},
              "publicAccessBlock": {"BlockPublicAcls": true},
              "tagging": {"TagSet": []}
            }
            """));
        Assert.Equal(
            """
            {
              "schemaVersion": 1,
              "versioning": {
                "Status": "Enabled"
              },
              "lifecycle": {
                "Rules": [
                  {
                    "ID": "old",
                    "Status": "Enabled",
                    "Filter": {
                      "And": {
                        "Prefix": "x/",
                        "Tags": [
                          {
                            "Key": "a",
                            "Value": "1"
                          },
                          {
                            "Key": "b",
                            "Value": "2"
                          }
                        ]
                      }
                    },
                    "Expiration": {
                      "Days": 30
                    }
                  }
                ],
                "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"
              },
              "tagging": null,
              "cors": null,
              "ownershipControls": {
                "Rules": [
                  {
                    "ObjectOwnership": "ObjectWriter"
                  }
                ]
              },
              "publicAccessBlock": {
                "BlockPublicAcls": true,
                "IgnorePublicAcls": false,
                "BlockPublicPolicy": false,
                "RestrictPublicBuckets": false
              },
              "acl": null,
              "logging": null,
              "policy": null
            }

            """,
            await _cli.DoneAsync("bucket", "export", "photos"));
    }

    [Fact]
    public async Task Only_what_a_file_has_is_changed_and_null_removes()
    {
        await ApplyAsync(_cli, "photos", Parse("""{"schemaVersion":1,"tagging":{"TagSet":[{"Key":"a","Value":"1"}]},"cors":{"CORSRules":[{"AllowedMethods":["GET"],"AllowedOrigins":["*"]}]}}"""), "--create");
        string before = await _cli.DoneAsync("bucket", "export", "photos");
        string file = Write("""{"schemaVersion":1,"tagging":{"TagSet":[{"Key":"a","Value":"2"}]},"cors":null,"logging":null,"versioning":{"Status":"Enabled"}}""");
        string told = await _cli.DoneAsync("bucket", "apply", "photos", file, "--dry-run");
        Assert.StartsWith(At, told, StringComparison.Ordinal);
        told = told[At.Length..];
        Assert.Equal(
            """
            would set     versioning
              + {
              +   "Status": "Enabled"
              + }
            would change  tagging
                …
                  {
                    "Key": "a",
              -       "Value": "1"
              +       "Value": "2"
                  }
                ]
                …
            """.ReplaceLineEndings("\n"),
            told[..told.IndexOf("would remove", StringComparison.Ordinal)].TrimEnd('\n').Replace("      {", "      {", StringComparison.Ordinal),
            ignoreWhiteSpaceDifferences: true);
        Assert.EndsWith("unchanged     logging\n", told, StringComparison.Ordinal);
        Assert.Equal(before, await _cli.DoneAsync("bucket", "export", "photos"));
        Assert.Equal(At + "set           versioning\nchanged       tagging\nremoved       cors\nunchanged     logging\n", await _cli.DoneAsync("bucket", "apply", "photos", file));
        JsonNode after = JsonNode.Parse(await _cli.DoneAsync("bucket", "export", "photos"))!;
        Assert.Equal(("2", null, "Enabled"), ((string?)after["tagging"]!["TagSet"]![0]!["Value"], after["cors"], (string?)after["versioning"]!["Status"]));
        JsonElement again = await _cli.JsonAsync("bucket", "apply", "photos", file);
        Assert.Equal(0, again.GetProperty("changes").GetArrayLength());
    }

    [Theory]
    [InlineData("is not JSON", "{")]
    [InlineData("the member schemaVersion is missing", "{}")]
    [InlineData("its schemaVersion is 2; this build has 1", """{"schemaVersion":2,"future":{}}""")]
    [InlineData("'replication' is no setting", """{"schemaVersion":1,"replication":null}""")]
    [InlineData("tagging is there twice", """{"schemaVersion":1,"tagging":null,"tagging":null}""")]
    [InlineData("tagging.TagSet[0].Value is missing", """{"schemaVersion":1,"tagging":{"TagSet":[{"Key":"a"}]}}""")]
    [InlineData("tagging.TagSet[0]: Key is there twice", """{"schemaVersion":1,"tagging":{"TagSet":[{"Key":"a","Key":"b","Value":""}]}}""")]
    [InlineData("tagging.TagSet: an array is needed", """{"schemaVersion":1,"tagging":{"TagSet":{}}}""")]
    [InlineData("versioning.Status: 'On' is none of Enabled, Suspended", """{"schemaVersion":1,"versioning":{"Status":"On"}}""")]
    [InlineData("versioning: 'MFADelete' is not known here", """{"schemaVersion":1,"versioning":{"Status":"Enabled","MFADelete":"Enabled"}}""")]
    [InlineData("lifecycle.Rules[0].ID is missing: without one the server makes one up", """{"schemaVersion":1,"lifecycle":{"Rules":[{"Status":"Enabled","Filter":{},"Expiration":{"Days":1}}]}}""")]
    [InlineData("'Transitions' is not known here", """{"schemaVersion":1,"lifecycle":{"Rules":[{"ID":"a","Status":"Enabled","Filter":{},"Transitions":[]}]}}""")]
    [InlineData("lifecycle.Rules[0].Expiration.Days: a whole number is needed", """{"schemaVersion":1,"lifecycle":{"Rules":[{"ID":"a","Status":"Enabled","Filter":{},"Expiration":{"Days":1.5}}]}}""")]
    [InlineData("lifecycle: ", """{"schemaVersion":1,"lifecycle":{"Rules":[{"ID":"a","Status":"Enabled","Filter":{},"Expiration":{"Days":0}}]}}""")]
    [InlineData("cors: ", """{"schemaVersion":1,"cors":{"CORSRules":[{"AllowedMethods":["FETCH"],"AllowedOrigins":["*"]}]}}""")]
    [InlineData("publicAccessBlock.BlockPublicAcls: true or false is needed", """{"schemaVersion":1,"publicAccessBlock":{"BlockPublicAcls":"true"}}""")]
    [InlineData("policy: ", """{"schemaVersion":1,"policy":{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"}]}}""")]
    [InlineData("policy: ", """{"schemaVersion":1,"policy":"text"}""")]
    [InlineData("ownershipControls.Rules: 1 or more are needed", """{"schemaVersion":1,"ownershipControls":{"Rules":[]}}""")]
    [InlineData("ownershipControls.Rules: no more than 1 can be there", """{"schemaVersion":1,"ownershipControls":{"Rules":[{"ObjectOwnership":"ObjectWriter"},{"ObjectOwnership":"ObjectWriter"}]}}""")]
    [InlineData("lifecycle.Rules[0].ID is empty: without one", """{"schemaVersion":1,"lifecycle":{"Rules":[{"ID":"","Status":"Enabled","Filter":{},"Expiration":{"Days":1}}]}}""")]
    [InlineData("acl.Grants[0].Grantee.URI is missing with the Type 'Group'", """{"schemaVersion":1,"acl":{"Owner":{"ID":"x"},"Grants":[{"Grantee":{"Type":"Group"},"Permission":"READ"}]}}""")]
    [InlineData("acl.Grants[0].Grantee.ID does not go with the Type 'Group'", """{"schemaVersion":1,"acl":{"Owner":{"ID":"x"},"Grants":[{"Grantee":{"Type":"Group","URI":"u","ID":"i"},"Permission":"READ"}]}}""")]
    [InlineData("acl.Grants[0]: an object is needed", """{"schemaVersion":1,"acl":{"Owner":{"ID":"x"},"Grants":[null]}}""")]
    [InlineData("tagging.TagSet[0]: \\u001b[2J is there twice", """{"schemaVersion":1,"tagging":{"TagSet":[{"\u001b[2J":1,"\u001b[2J":1}]}}""")]
    [InlineData("is not Unicode", """{"schemaVersion":1,"tagging":{"TagSet":[{"Key":"\ud800","Value":""}]}}""")]
    [InlineData("is not Unicode", """{"schemaVersion":1,"\ud800":null}""")]
    [InlineData("acl: it is of a bucket of another owner", """{"schemaVersion":1,"ownershipControls":{"Rules":[{"ObjectOwnership":"ObjectWriter"}]},"acl":{"Owner":{"ID":"x"},"Grants":[]}}""")]
    [InlineData("would have no effect", """{"schemaVersion":1,"acl":{"Owner":{"ID":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},"Grants":[]}}""")]
    public async Task A_file_that_is_not_right_is_refused_as_a_whole(string expected, string text)
    {
        await ApplyAsync(_cli, "photos", Parse("""{"schemaVersion":1}"""), "--create");
        string before = await _cli.DoneAsync("bucket", "export", "photos");
        string good = Write("""{"schemaVersion":1,"logging":{"LoggingEnabled":{"TargetBucket":"photos","TargetPrefix":"l/"}}}"""), bad = Write(text);
        string error = await _cli.FailedAsync("bucket", "apply", "photos", good, bad);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Equal(error.Length - 1, error.IndexOf('\n', StringComparison.Ordinal));
        Assert.Equal(before, await _cli.DoneAsync("bucket", "export", "photos"));

        // What depends on what a new bucket has is known once there is one. It stays: between two requests it may have become somebody's.
        error = await _cli.FailedAsync("bucket", "apply", "new", good, bad, "--create");
        Assert.Contains(expected.Replace("other/", "new/", StringComparison.Ordinal), error, StringComparison.Ordinal);
        if (expected is "acl: it is of a bucket of another owner" or "would have no effect")
        {
            Assert.EndsWith("; the bucket new was created and is empty\n", error, StringComparison.Ordinal);
            await _cli.DoneAsync("bucket", "export", "new");
        }
        else
        {
            Assert.Equal("tarn: there is no bucket 'new'\n", await _cli.FailedAsync("bucket", "export", "new"));
        }
    }

    [Fact]
    public async Task An_apply_that_fails_says_what_it_did_and_goes_on_when_it_is_repeated()
    {
        await ApplyAsync(_cli, "photos", Parse("""{"schemaVersion":1}"""), "--create");
        string file = Write("""{"schemaVersion":1,"versioning":{"Status":"Enabled"},"tagging":{"TagSet":[{"Key":"a","Value":"1"}]},"logging":{"LoggingEnabled":{"TargetBucket":"logs-bucket","TargetPrefix":"l/"}},"policy":{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/*"}]}}""");
        (int code, string output, string error) = await _cli.RunAsync("bucket", "apply", "photos", file);
        Assert.Equal((1, At + "set           versioning\nset           tagging\nnot applied   logging\nset           policy\n"), (code, output));
        Assert.Equal(
            "tarn: logging: The target bucket for logging does not exist (InvalidTargetBucketForLogging, 400); not applied: logging; the same command goes on with them\n", error);
        (code, output, _) = await _cli.RunAsync("bucket", "apply", "photos", file, "--json");
        using JsonDocument told = JsonDocument.Parse(output);
        Assert.Equal(1, code);
        Assert.Equal(["not applied"], told.RootElement.GetProperty("changes").EnumerateArray().Select(static change => change.GetProperty("state").GetString()));
        Assert.StartsWith("logging: ", told.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        await ApplyAsync(_cli, "logs-bucket", Parse("""{"schemaVersion":1}"""), "--create");
        Assert.Equal(At + "set           logging\nunchanged     versioning\nunchanged     tagging\nunchanged     policy\n", await _cli.DoneAsync("bucket", "apply", "photos", file));
    }

    [Fact]
    public async Task The_root_user_whom_a_policy_locks_out_repairs_it_with_a_file_of_the_policy_alone()
    {
        await ApplyAsync(_cli, "photos", Parse("""{"schemaVersion":1}"""), "--create");
        string locked = Write("""{"schemaVersion":1,"tagging":{"TagSet":[{"Key":"a","Value":"1"}]},"policy":{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::photos"}]}}""");
        Assert.Equal(At + "set           tagging\nset           policy\n", await _cli.DoneAsync("bucket", "apply", "photos", locked));
        Assert.Contains("(AccessDenied, 403)", await _cli.FailedAsync("bucket", "export", "photos"), StringComparison.Ordinal);
        Assert.Equal(At + "removed       policy\n", await _cli.DoneAsync("bucket", "apply", "photos", Write("""{"schemaVersion":1,"policy":null}""")));
        Assert.Equal("1", (string?)JsonNode.Parse(await _cli.DoneAsync("bucket", "export", "photos"))!["tagging"]!["TagSet"]![0]!["Value"]);
    }

    [Fact]
    public async Task A_bucket_that_was_created_is_named_when_a_step_fails()
    {
        string file = Write("""{"schemaVersion":1,"logging":{"LoggingEnabled":{"TargetBucket":"logs-bucket","TargetPrefix":"l/"}}}""");
        Assert.EndsWith("goes on with them; the bucket photos was created and is empty\n", await _cli.FailedAsync("bucket", "apply", "photos", file, "--create"), StringComparison.Ordinal);
        await _cli.DoneAsync("bucket", "export", "photos");
    }

    [Fact]
    public async Task The_server_that_is_named_is_the_one_that_is_changed()
    {
        await using SettingsCli other = await SettingsCli.StartAsync();
        _cli.Variables["AWS_ACCESS_KEY_ID"] = Control.ControlServer.Root.Id!;
        _cli.Variables["AWS_SECRET_ACCESS_KEY"] = Control.ControlServer.Root.Secret;
        string file = Write("""{"schemaVersion":1}""");
        Assert.Equal($"at            {other.Server.S3Url}\ncreated       photos\n", await _cli.DoneAsync("bucket", "apply", "photos", file, "--create", "--endpoint", other.Server.Url));
        Assert.Equal("tarn: there is no bucket 'photos'\n", await _cli.FailedAsync("bucket", "export", "photos"));
        await _cli.DoneAsync("bucket", "export", "photos", "--s3-endpoint", other.Server.S3Url);
    }

    [Fact]
    public async Task What_s3_forbids_the_requester_is_refused_and_named()
    {
        await ApplyAsync(_cli, "photos", Parse("""{"schemaVersion":1}"""), "--create");
        _cli.Variables["AWS_ACCESS_KEY_ID"] = "GLOBEXROOTKEY0000001";
        _cli.Variables["AWS_SECRET_ACCESS_KEY"] = "globex-secret";
        Assert.Equal("tarn: cannot read versioning of photos: Access Denied (AccessDenied, 403)\n", await _cli.FailedAsync("bucket", "export", "photos"));
        _cli.Variables.Remove("AWS_ENDPOINT_URL");
        Assert.StartsWith("tarn: where S3 is is not known: name its URL with --s3-endpoint", await _cli.FailedAsync("bucket", "export", "photos"), StringComparison.Ordinal);
        Assert.StartsWith($"tarn: what answers at {_cli.Server.Url} is not an S3 server", await _cli.FailedAsync("bucket", "export", "photos", "--s3-endpoint", _cli.Server.Url), StringComparison.Ordinal);
        Assert.StartsWith("tarn: cannot reach S3 at http://127.0.0.1:1: ", await _cli.FailedAsync("bucket", "export", "photos", "--s3-endpoint", "http://127.0.0.1:1"), StringComparison.Ordinal);
        _cli.Variables.Clear();
        _cli.Variables["TARN_API_KEY"] = "key-x";
        Assert.StartsWith("tarn: no access key: ", await _cli.FailedAsync("bucket", "export", "photos"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_servers_root_user_need_not_say_where_s3_is()
    {
        _cli.Variables.Clear();
        (_cli.Variables["TARN_ROOT_ACCESS_KEY"], _cli.Variables["TARN_ROOT_SECRET_KEY"], _cli.Variables["TARN_ENDPOINT"]) = (Control.ControlServer.Root.Id!, Control.ControlServer.Root.Secret, _cli.Server.Url);
        await ApplyAsync(_cli, "photos", Parse("""{"schemaVersion":1}"""), "--create");
        string directory = _directory.PathOf("git/settings");
        Assert.Equal($"exported {directory}/photos.json from {_cli.Server.S3Url}\n", await _cli.DoneAsync("bucket", "export", "photos", "--dir", directory));
        Assert.Equal(await _cli.DoneAsync("bucket", "export", "photos"), await File.ReadAllTextAsync($"{directory}/photos.json", Token));
        Assert.Equal([$"{directory}/photos.json"], Directory.GetFiles(directory));
    }

    // What the random settings say of versions and of public access must leave the other file possible.
    private static JsonObject Unguarded(JsonObject settings)
    {
        settings["publicAccessBlock"] = null;
        return settings;
    }

    private async Task ApplyAsync(SettingsCli cli, string bucket, JsonObject settings, params string[] more) =>
        await cli.DoneAsync(["bucket", "apply", bucket, Write(settings.ToJsonString()), .. more]);

    private string Write(string text)
    {
        string file = _directory.PathOf($"{Guid.NewGuid():N}.json");
        File.WriteAllText(file, text);
        return file;
    }

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();
}
