using System.Diagnostics;
using Tarn.TestKit.Faults;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Faults;

/// <summary>A rebuild whose blobs cannot be made durable together says so, is not finished, and can be repeated.</summary>
public sealed class RebuildFaultTests
{
    [Fact]
    public async Task A_rebuild_whose_blobs_cannot_be_synced_fails_and_is_made_again()
    {
        await using var source = await FaultyServer.StartAsync();
        var content = FaultyServer.Content(100_000, 1);
        await source.PutAsync("key", content);
        await source.Server.StopAsync();

        using var directory = new TemporaryDirectory("rebuilt");
        var made = directory.PathOf("new");
        using var faults = new FaultInjection(made);

        // The first call only asks for what was lost before.
        using (var fault = faults.Add(FaultCalls.Fsync, "blobs/tmp", skip: 1, times: 1))
        {
            var (code, error) = await RebuildAsync(source.Data, made, faults);
            Assert.True(faults.IsAttached);
            Assert.SkipWhen(code == 0 && fault.Hits == 0, "The blobs are synced one by one on this file system.");
            Assert.Equal(1, fault.Hits);
            Assert.NotInRange(code, 0, 1);
            Assert.Contains("Input/output error", error, StringComparison.Ordinal);
        }

        var options = new TarnServerOptions { DataDirectory = made };
        await Assert.ThrowsAsync<InvalidOperationException>(() => TarnServer.StartAsync(options));
        Assert.Equal(0, (await RebuildAsync(source.Data, made, faults)).Code);
        await using var server = await TarnServer.StartAsync(options);
        using var client = new TestKit.Http.RawS3Client(server.Endpoint);
        Assert.Equal(content, (await client.GetAsync("recovered-" + FaultyServer.Bucket, "key")).Expect().Body);
    }

    private static async Task<(int Code, string Error)> RebuildAsync(string source, string made, FaultInjection faults)
    {
        var start = new ProcessStartInfo("dotnet", [RepositoryLayout.ServerAssembly, "fsck", "--data", source, "--rebuild", "--into", made])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in faults.Environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await error + await output);
    }
}
