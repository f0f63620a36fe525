using System.Text;
using System.Text.Json;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>What <c>tarn app create</c> prints, pasted into each program as it is.</summary>
public sealed class ApplicationSnippetTests(ClientServers servers) : IAsyncLifetime
{
    private TarnServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TarnServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("aws")]
    [InlineData("boto3")]
    [InlineData("rclone")]
    [InlineData("restic")]
    [InlineData("javaScript")]
    public async Task A_snippet_works_as_it_is(string program)
    {
        using ClientSession session = ClientSession.At(servers, _server.Endpoint, "app");
        string needed = program switch
        {
            "boto3" => InstalledPrograms.Need(InstalledPrograms.PythonsWithBoto3[0]),
            "javaScript" => InstalledPrograms.Need("node"),
            _ => InstalledPrograms.Need(program),
        };
        JsonElement made = await new TarnCommands(_server).ReadAsync("app", "create", session.Bucket);
        string snippet = made.GetProperty("snippets").GetProperty(program).GetString()!;
        session.Write("FILE", Content.Of(100, 1));
        session.Environment["RESTIC_PASSWORD"] = "a password";
        string script = program switch
        {
            "boto3" => $"{needed} '{session.Write("snippet.py", Encoding.UTF8.GetBytes(snippet))}'",
            "rclone" => $"rclone --config '{session.Write("rclone.conf", Encoding.UTF8.GetBytes(snippet))}' copy FILE {session.Bucket}:{session.Bucket}",
            "javaScript" => $"{needed} '{session.Write("snippet.mjs", Encoding.UTF8.GetBytes(snippet))}'",
            _ => snippet,
        };
        if (program == "javaScript")
        {
            _ = NodePackages.Need("@aws-sdk/client-s3");
            Directory.CreateSymbolicLink(Path.Combine(session.Home, "node_modules"), ClientSession.Script("js", "node_modules"));
        }

        await session.RunAsync("/bin/bash", "-euo", "pipefail", "-c", "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION AWS_REGION\n" + script);
        Assert.NotEmpty(await session.Raw.ListAsync(session.Bucket));

        // The snippet's key opens this bucket and no other.
        using var app = new RawS3Client(_server.Endpoint with
        {
            AccessKey = made.GetProperty("accessKey").GetString()!, SecretKey = made.GetProperty("secretKey").GetString()!,
        });
        await session.Raw.CreateBucketAsync("another");
        Assert.Equal("AccessDenied", (await app.SendAsync(HttpMethod.Get, "another")).ErrorCode);
    }
}
