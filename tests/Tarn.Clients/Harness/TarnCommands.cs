using System.Diagnostics;
using System.Text.Json;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Harness;

/// <summary>Runs the program's commands against a server.</summary>
public sealed class TarnCommands(TarnServer server)
{
    /// <summary>Runs a command as the root user, which must succeed, and reads its JSON output.</summary>
    public async Task<JsonElement> ReadAsync(params string[] arguments)
    {
        ProgramResult result = await RunAsync(asRoot: true, [.. arguments, "--json"]);
        Assert.True(result.ExitCode == 0, $"tarn {string.Join(' ', arguments)}: {result.ExitCode} {result.StandardError}\n{server.Output}");
        using JsonDocument document = JsonDocument.Parse(result.StandardOutput);
        return document.RootElement.Clone();
    }

    /// <summary>Runs a command as the root user, whatever its exit code.</summary>
    public Task<ProgramResult> RunAsync(params string[] arguments) => RunAsync(asRoot: true, arguments);

    /// <summary>Runs a command, whatever its exit code, as the root user or without credentials.</summary>
    public async Task<ProgramResult> RunAsync(bool asRoot, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [RepositoryLayout.ServerAssembly, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal) || name.StartsWith("TARN_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["TARN_ENDPOINT"] = server.Control.GetLeftPart(UriPartial.Authority);
        if (asRoot)
        {
            start.Environment["TARN_ROOT_ACCESS_KEY"] = server.Endpoint.AccessKey;
            start.Environment["TARN_ROOT_SECRET_KEY"] = server.Endpoint.SecretKey;
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ProgramResult(process.ExitCode, await output, await error);
    }
}
