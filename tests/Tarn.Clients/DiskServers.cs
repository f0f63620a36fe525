using System.Text.Json;
using Tarn.Clients.Harness;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>A server with a directory that may be attached, and shortcuts for its commands.</summary>
public sealed class DiskServers : IAsyncLifetime
{
    private readonly TemporaryDirectory _root = new("disk-root");

    /// <summary>The server.</summary>
    public TarnServer Server { get; private set; } = null!;

    /// <summary>Directories below it may be attached.</summary>
    public string Root => _root.FullPath;

    /// <summary>A token of the server's root user.</summary>
    public string ApiKey { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--disk-root", Root] });
        ApiKey = (await TarnAsync("token", "create", "tests")).GetProperty("token").GetString()!;
    }

    /// <summary>Attaches a directory of this name and creates a key for it.</summary>
    /// <returns>The endpoint with that key, and the bucket.</returns>
    public async Task<(TarnEndpoint Endpoint, string Bucket)> AttachAsync(string name)
    {
        string id = (await TarnAsync("disk", "attach", name, Path.Combine(Root, name))).GetProperty("id").GetString()!;
        JsonElement user = await TarnAsync("disk", "user", "add", name, "--nickname", "tests");
        TarnEndpoint endpoint = Server.Endpoint with
        {
            AccessKey = user.GetProperty("accessKeyId").GetString()!, SecretKey = user.GetProperty("secretAccessKey").GetString()!,
        };
        return (endpoint, id);
    }

    /// <summary>Runs one of the program's commands.</summary>
    public Task<JsonElement> TarnAsync(params string[] arguments) => new TarnCommands(Server).ReadAsync(arguments);

    /// <summary>Runs one of the program's commands, whatever its exit code.</summary>
    public Task<ProgramResult> RunAsync(params string[] arguments) => new TarnCommands(Server).RunAsync([.. arguments, "--json"]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _root.Dispose();
    }
}
