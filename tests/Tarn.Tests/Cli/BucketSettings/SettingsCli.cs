using System.Text.Json;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.Tests.Control;

namespace Tarn.Tests.Cli.BucketSettings;

/// <summary>The commands against a server in this process, as the root user of the organization <c>acme</c>.</summary>
internal sealed class SettingsCli : IAsyncDisposable
{
    /// <summary>Its canonical user id, the same on every server.</summary>
    public const string Owner = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /// <summary>The canonical user id of another organization, <c>globex</c>.</summary>
    public const string Other = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    private readonly ControlServer _server;

    private SettingsCli(ControlServer server) => _server = server;

    public Dictionary<string, string> Variables { get; private set; } = [];

    public ControlServer Server => _server;

    public static async Task<SettingsCli> StartAsync()
    {
        var cli = new SettingsCli(await ControlServer.StartAsync());
        cli.Variables = new() { ["TARN_ROOT_ACCESS_KEY"] = ControlServer.Root.Id!, ["TARN_ROOT_SECRET_KEY"] = ControlServer.Root.Secret, ["TARN_ENDPOINT"] = cli._server.Url };
        await cli.DoneAsync("org", "create", "acme", "--canonical-id", Owner, "--access-key", "ACMEROOTKEY000000001", "--secret-key", "acme-secret");
        await cli.DoneAsync("org", "create", "globex", "--canonical-id", Other, "--access-key", "GLOBEXROOTKEY0000001", "--secret-key", "globex-secret");
        cli.Variables = new()
        {
            ["AWS_ACCESS_KEY_ID"] = "ACMEROOTKEY000000001", ["AWS_SECRET_ACCESS_KEY"] = "acme-secret", ["AWS_ENDPOINT_URL"] = cli._server.S3Url, ["AWS_REGION"] = "eu-west-1", ["TARN_ENDPOINT"] = cli._server.Url,
        };
        return cli;
    }

    /// <summary>Runs a command that succeeds, and returns what it prints.</summary>
    public async Task<string> DoneAsync(params string[] arguments)
    {
        (int code, string output, string error) = await RunAsync(arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {code} {error} {output}");
        Assert.Equal("", error);
        return output;
    }

    /// <summary>Runs a command that fails, and returns what it says.</summary>
    public async Task<string> FailedAsync(params string[] arguments)
    {
        (int code, string output, string error) = await RunAsync(arguments);
        Assert.True(code == 1, $"{string.Join(' ', arguments)}: {code} {error} {output}");
        return error;
    }

    public async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = await CommandRunner.RunAsync(TarnCommand.Create(Variables, TimeProvider.System), arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    public async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        using JsonDocument document = JsonDocument.Parse(await DoneAsync([.. arguments, "--json"]));
        return document.RootElement.Clone();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
