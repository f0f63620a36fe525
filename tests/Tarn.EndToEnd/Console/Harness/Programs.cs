using System.Diagnostics;
using Tarn.TestKit.Servers;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>Runs what the console shows to paste into a shell or a program, on a machine that knows no credentials but those.</summary>
internal static class Programs
{
    /// <summary>What bash writes to standard output; the test fails unless it exits with 0.</summary>
    /// <param name="home">The home and working directory.</param>
    /// <param name="script">What bash runs.</param>
    public static async Task<string> RunAsync(TemporaryDirectory home, string script)
    {
        (int code, string output) = await TryRunAsync(home, script);
        Assert.True(code == 0, $"exit code {code}\n{script}\n{output}");
        return output;
    }

    /// <summary>The exit code, and what is written to standard output and error.</summary>
    public static async Task<(int Code, string Output)> TryRunAsync(TemporaryDirectory home, string script)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = home.FullPath,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal) || name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["HOME"] = home.FullPath;
        start.Environment["NO_PROXY"] = "*";
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await error);
    }
}
