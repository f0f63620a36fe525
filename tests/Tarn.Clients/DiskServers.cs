using System.Diagnostics;
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
    public async Task<JsonElement> TarnAsync(params string[] arguments)
    {
        ProgramResult result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"tarn {string.Join(' ', arguments)}: {result.ExitCode} {result.StandardError}\n{Server.Output}");
        using JsonDocument document = JsonDocument.Parse(result.StandardOutput);
        return document.RootElement.Clone();
    }

    /// <summary>Runs one of the program's commands, whatever its exit code.</summary>
    public async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [RepositoryLayout.ServerAssembly, .. arguments, "--json"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal) || name.StartsWith("TARN_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["TARN_ENDPOINT"] = Server.Control.GetLeftPart(UriPartial.Authority);
        start.Environment["TARN_ROOT_ACCESS_KEY"] = Server.Endpoint.AccessKey;
        start.Environment["TARN_ROOT_SECRET_KEY"] = Server.Endpoint.SecretKey;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ProgramResult(process.ExitCode, await output, await error);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _root.Dispose();
    }
}
