using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tarn.Server.Cli;

namespace Tarn.Tests.Cli;

/// <summary>The exit code of a command that a signal ends while it waits for a server.</summary>
public sealed class InterruptTests
{
    [Theory]
    [InlineData("INT", ExitCode.Interrupted)]
    [InlineData("TERM", ExitCode.Terminated)]
    public async Task A_command_that_a_signal_ends_says_so(string signal, int expected)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "tarn.dll"), "bucket", "list", "--endpoint", $"http://{silent.LocalEndpoint}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TARN_API_KEY"] = "key-x";
        using Process tarn = Process.Start(start)!;
        try
        {
            using Socket connection = await silent.AcceptSocketAsync(TestContext.Current.CancellationToken);
            Task<string> output = tarn.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), error = tarn.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            using Process kill = Process.Start("kill", [$"-{signal}", tarn.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await tarn.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal((expected, "", ""), (tarn.ExitCode, await output, await error));
        }
        finally
        {
            tarn.Kill();
        }
    }
}
