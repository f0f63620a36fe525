using System.Text.Json;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Cli.BucketSettings;

/// <summary><c>tarn bucket apply</c> and <c>export</c> where a server answers strangely, or not at all.</summary>
public sealed class BucketApplyFaultTests : IDisposable
{
    private const string NoPolicy = "<Error><Code>NoSuchBucketPolicy</Code><Message>none</Message></Error>";

    private readonly TemporaryDirectory _directory = new("faults");
    private readonly Dictionary<string, string> _variables = new() { ["AWS_ACCESS_KEY_ID"] = "K", ["AWS_SECRET_ACCESS_KEY"] = "s" };

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_step_without_an_answer_is_unknown()
    {
        using var server = new ScriptedServer(static request => request.HttpMethod == "GET" ? (404, NoPolicy, null) : null);
        (string output, string error) = await ApplyAsync(server, "--json");
        using JsonDocument told = JsonDocument.Parse(output);
        Assert.Equal("unknown", told.RootElement.GetProperty("changes")[0].GetProperty("state").GetString());
        Assert.Equal(server.Url, told.RootElement.GetProperty("s3").GetString());
        Assert.Contains("; not applied: policy; ", error, StringComparison.Ordinal);

        // A policy that is not public needs nothing but itself: so somebody who is locked out can put one.
        Assert.Equal(["GET /photos?policy", "PUT /photos?policy"], server.Requests.Distinct());
        (output, _) = await ApplyAsync(server);
        Assert.Equal($"at            {server.Url}\nunknown       policy\n", output);
    }

    [Fact]
    public async Task A_signed_request_goes_to_no_other_server()
    {
        using var other = new ScriptedServer(static _ => (404, NoPolicy, null));
        using var server = new ScriptedServer(_ => (307, "", other.Url + "/photos?policy"));
        Assert.Contains("is not an S3 server (status 307)", (await ApplyAsync(server)).Error, StringComparison.Ordinal);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task What_a_server_says_does_not_reach_the_terminal_as_it_is()
    {
        using var server = new ScriptedServer(static _ => (403, "<Error><Code>Denied&#x1b;[1m</Code><Message>a&#x1b;]0;x&#x7;\nb</Message></Error>", null));
        Assert.Equal("tarn: cannot read policy of photos: a\\u001b]0;x\\u0007 b (Denied\\u001b[1m, 403)\n", (await ApplyAsync(server)).Error);
    }

    [Fact]
    public async Task A_damaged_answer_is_an_error_of_one_line()
    {
        using var server = new ScriptedServer(static _ => (200, "[1,", null));
        string error = (await ApplyAsync(server)).Error;
        Assert.StartsWith("tarn: cannot read policy of photos: the answer has what this build does not know: ", error, StringComparison.Ordinal);
        Assert.Equal(error.Length - 1, error.IndexOf('\n', StringComparison.Ordinal));
    }

    private async Task<(string Output, string Error)> ApplyAsync(ScriptedServer server, params string[] more)
    {
        string file = _directory.PathOf("file.json");
        await File.WriteAllTextAsync(
            file,
            """{"schemaVersion":1,"policy":{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/*"}]}}""",
            TestContext.Current.CancellationToken);
        using StringWriter output = new(), error = new();
        int code = await CommandRunner.RunAsync(
            TarnCommand.Create(_variables, TimeProvider.System), ["bucket", "apply", "photos", file, "--s3-endpoint", server.Url, .. more], output, error);
        Assert.Equal(1, code);
        return (output.ToString(), error.ToString());
    }
}
