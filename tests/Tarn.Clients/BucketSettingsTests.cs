using System.Text.Json.Nodes;
using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary><c>tarn bucket export</c> and <c>apply</c>, by the program itself, and beside <c>aws s3api</c>, whose JSON the file has.</summary>
public sealed class BucketSettingsTests(ClientServers servers) : IAsyncLifetime
{
    private TarnServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TarnServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task What_aws_puts_is_exported_as_aws_shows_it_and_applies_to_another_server()
    {
        string aws = InstalledPrograms.Need("aws");
        using ClientSession session = ClientSession.At(servers, _server.Endpoint, "settings");
        string bucket = session.Bucket;
        await session.RunAsync(aws, "--endpoint-url", session.Endpoint.Address, "s3api", "create-bucket", "--bucket", bucket, "--object-ownership", "ObjectWriter");
        (string Member, string Put, string Get, string Option, string Value)[] settings =
        [
            ("versioning", "put-bucket-versioning", "get-bucket-versioning", "--versioning-configuration", """{"Status":"Enabled"}"""),
            ("lifecycle", "put-bucket-lifecycle-configuration", "get-bucket-lifecycle-configuration", "--lifecycle-configuration",
                """{"Rules":[{"ID":"old","Status":"Enabled","Filter":{"And":{"Prefix":"x/","Tags":[{"Key":"a","Value":"1"}]}},"NoncurrentVersionExpiration":{"NoncurrentDays":9}}]}"""),
            ("tagging", "put-bucket-tagging", "get-bucket-tagging", "--tagging", """{"TagSet":[{"Key":"team","Value":"web"}]}"""),
            ("cors", "put-bucket-cors", "get-bucket-cors", "--cors-configuration", """{"CORSRules":[{"ID":"c","AllowedHeaders":["*"],"AllowedMethods":["GET"],"AllowedOrigins":["https://a.example"],"MaxAgeSeconds":60}]}"""),
            ("logging", "put-bucket-logging", "get-bucket-logging", "--bucket-logging-status",
                """{"LoggingEnabled":{"TargetBucket":"BUCKET","TargetPrefix":"l/"}}""".Replace("BUCKET", bucket, StringComparison.Ordinal)),
        ];
        foreach ((_, string put, _, string option, string value) in settings)
        {
            await session.RunAsync(aws, "--endpoint-url", session.Endpoint.Address, "s3api", put, "--bucket", bucket, option, value);
        }

        await session.RunAsync(aws, "--endpoint-url", session.Endpoint.Address, "s3api", "put-bucket-acl", "--bucket", bucket, "--grant-read", "uri=http://acs.amazonaws.com/groups/global/AllUsers");
        var tarn = new TarnCommands(_server);
        string exported = Succeeded(await tarn.RunAsync("bucket", "export", bucket));
        JsonNode file = JsonNode.Parse(exported)!;
        foreach ((string member, _, string get, _, _) in settings)
        {
            JsonNode shown = JsonNode.Parse((await session.RunAsync(aws, "--endpoint-url", session.Endpoint.Address, "--output", "json", "s3api", get, "--bucket", bucket)).StandardOutput)!;
            foreach ((string name, JsonNode? value) in shown.AsObject())
            {
                Assert.True(JsonNode.DeepEquals(value, file[member]![name]), $"{member}.{name}: {file[member]}, by aws {value}");
            }
        }

        Assert.Equal("READ", (string?)file["acl"]!["Grants"]![0]!["Permission"]);
        string path = session.Write("settings.json", System.Text.Encoding.UTF8.GetBytes(exported));
        ProgramResult dry = await tarn.RunAsync("bucket", "apply", bucket, path, "--dry-run");
        Assert.Equal(9, Succeeded(dry).Split('\n').Count(static line => line.StartsWith("unchanged ", StringComparison.Ordinal)));

        // Another server has another owner, whose bucket does not take these grants.
        await using TarnServer other = await TarnServer.StartAsync();
        ProgramResult refused = await new TarnCommands(other).RunAsync("bucket", "apply", bucket, path, "--create");
        Assert.Equal((1, ""), (refused.ExitCode, refused.StandardOutput));
        Assert.Contains("acl: it is of a bucket of another owner", refused.StandardError, StringComparison.Ordinal);
        file["acl"] = null;
        path = session.Write("settings.json", System.Text.Encoding.UTF8.GetBytes(file.ToJsonString()));
        Succeeded(await new TarnCommands(other).RunAsync("bucket", "apply", bucket, path, "--create"));
        Assert.True(JsonNode.DeepEquals(file, JsonNode.Parse(Succeeded(await new TarnCommands(other).RunAsync("bucket", "export", bucket)))));
    }

    private static string Succeeded(ProgramResult result)
    {
        Assert.True(result.ExitCode == 0, result.StandardError);
        Assert.Equal("", result.StandardError);
        return result.StandardOutput;
    }
}
