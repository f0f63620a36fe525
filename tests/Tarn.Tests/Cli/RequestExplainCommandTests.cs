using System.Text.Json;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Acceleration;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Cli;

/// <summary>What <c>tarn request explain</c> shows of a request that came through an accelerator: what the server has of it, and what the accelerator's log has.</summary>
public sealed class RequestExplainCommandTests
{
    [Fact]
    public async Task The_line_of_the_accelerators_log_is_joined_by_the_id_of_the_request()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(100_000));
        RawResponse answer = await server.SendAsync(AcceleratedServer.Resolve, "GET", "/bucket/key");
        await server.KeptAsync(answer);
        string id = answer["x-amz-request-id"]!;
        using var directory = new TemporaryDirectory();
        string log = directory.PathOf("log");
        await File.WriteAllTextAsync(
            log,
            $$"""
            {"requestId":"{{id}}","status":200,"milliseconds":3.5,"cache":"partial","remote":"192.0.2.7","failure":"client \u001b gone","bytesOut":100000,"bytesFromCache":60000,"bytesFromPeers":10000,"bytesFromUpstream":30000}
            {"requestId":"0000000000000000","status":404,"milliseconds":1,"cache":"miss","target":"/{{id}}"}
            {"requestId":"{{id}}
            """,
            TestContext.Current.CancellationToken);

        string text = await RunAsync(server, 0, "request", "explain", id, "--accelerator-log", log);
        Assert.Contains("through     gpu-1", text, StringComparison.Ordinal);
        Assert.Contains("resolved    the accelerator reads 100000 bytes", text, StringComparison.Ordinal);
        Assert.Contains("answer      200 in 3.5 ms", text, StringComparison.Ordinal);
        Assert.Contains("cache       partial", text, StringComparison.Ordinal);
        Assert.Contains("100000 out: 60000 from the cache, 10000 from other accelerators, 30000 from the server", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);

        JsonElement joined = JsonDocument.Parse(await RunAsync(server, 0, "request", "explain", id, "--accelerator-log", log, "--json")).RootElement;
        Assert.Equal((id, 60000), (joined.GetProperty("requestId").GetString(), joined.GetProperty("acceleratorRequest").GetProperty("bytesFromCache").GetInt32()));
        Assert.DoesNotContain("In the accelerator", await RunAsync(server, 0, "request", "explain", id), StringComparison.Ordinal);

        await File.WriteAllTextAsync(log, """{"requestId":"0000000000000000"}""", TestContext.Current.CancellationToken);
        Assert.Contains("no line of", await RunAsync(server, 1, "request", "explain", id, "--accelerator-log", log), StringComparison.Ordinal);
        Assert.Contains("cannot be read", await RunAsync(server, 1, "request", "explain", id, "--accelerator-log", directory.PathOf("none")), StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(AcceleratedServer server, int code, params string[] arguments)
    {
        var variables = new Dictionary<string, string>
        {
            ["TARN_ENDPOINT"] = server.Inner.ControlUrl, ["TARN_ROOT_ACCESS_KEY"] = InProcessServer.RootAccessKey, ["TARN_ROOT_SECRET_KEY"] = InProcessServer.RootSecretKey,
        };
        using var output = new StringWriter();
        using var error = new StringWriter();
        int left = await CommandRunner.RunAsync(TarnCommand.Create(variables, TimeProvider.System), arguments, output, error);
        Assert.True(left == code, $"{string.Join(' ', arguments)}: {left} {error}");
        return code == 0 ? output.ToString() : error.ToString();
    }
}
