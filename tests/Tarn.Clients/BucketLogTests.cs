using System.Globalization;
using System.Text;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>Server access logs of buckets: set by real programs, delivered by a real server, also by one that was killed before it could.</summary>
public sealed class BucketLogTests(ClientServers servers)
{
    private const string Source = "source", Target = "target";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Clients => [.. InstalledPrograms.All("aws")];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task What_the_command_line_turns_on_is_delivered(string aws)
    {
        Assert.SkipWhen(TarnEndpoint.FromEnvironment() is not null, "It needs a setting of the server.");
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--bucket-log-interval", "1s"] });
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync(Source);
        await client.CreateBucketAsync(Target);
        using var session = ClientSession.At(servers, server.Endpoint, "logs");
        await session.RunAsync(
            InstalledPrograms.Need(aws), "--endpoint-url", session.Endpoint.Address, "s3api", "put-bucket-logging", "--bucket", Source, "--bucket-logging-status", $$$"""{"LoggingEnabled":{"TargetBucket":"{{{Target}}}","TargetPrefix":"logs/"}}""");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.PutAsync(Source, Key(i), new byte[10])));
        await UntilAsync(client, server, lines => lines.Length >= 20);
        Assert.Equal(Enumerable.Range(0, 20).Select(Key), Keys(await LinesAsync(client)));
        await server.StopAsync();
    }

    [Fact]
    public async Task Lines_on_disk_survive_kill_9_and_are_delivered_once()
    {
        Assert.SkipWhen(TarnEndpoint.FromEnvironment() is not null, "Another's process is not ours to kill.");
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--bucket-log-interval", "4m"] });
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync(Source);
        await client.CreateBucketAsync(Target);
        (await client.SendAsync(
            HttpMethod.Put, Source, query: new Dictionary<string, string> { ["logging"] = "" },
            body: Encoding.ASCII.GetBytes($"<BucketLoggingStatus><LoggingEnabled><TargetBucket>{Target}</TargetBucket><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>"))).Expect();
        for (int round = 0; round < 3; round++)
        {
            int first = round * 30;
            await Task.WhenAll(Enumerable.Range(first, 30).Select(i => client.PutAsync(Source, Key(i), new byte[10])));

            // They are on disk when their keys are.
            await UntilAsync(() => Task.FromResult(Enumerable.Range(first, 30).All(i => Spooled(server).Contains(Key(i) + " ", StringComparison.Ordinal))), server);
            await server.KillHardAsync();
            await server.RestartAsync();
            await UntilAsync(client, server, lines => lines.Length >= first + 30);
            Assert.Equal(Enumerable.Range(0, first + 30).Select(Key), Keys(await LinesAsync(client)));
        }

        await server.StopAsync();
    }

    private static string Key(int i) => "key" + i.ToString("D3", CultureInfo.InvariantCulture);

    private static string Spooled(TarnServer server)
    {
        string directory = Path.Combine(server.DataDirectory, "log-spool");
        return Directory.Exists(directory) ? string.Concat(Directory.GetFiles(directory).Select(static file => Encoding.Latin1.GetString(File.ReadAllBytes(file)))) : "";
    }

    private static IEnumerable<string> Keys(string[] lines) => lines.Select(static line => line.Split(' ')[8]).Order(StringComparer.Ordinal);

    private static async Task<string[]> LinesAsync(RawS3Client client)
    {
        var text = new StringBuilder();
        foreach ((string key, _) in await client.ListAsync(Target))
        {
            text.Append(Encoding.ASCII.GetString((await client.GetAsync(Target, key)).Expect().Body));
        }

        return text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static Task UntilAsync(RawS3Client client, TarnServer server, Func<string[], bool> isSo) => UntilAsync(async () => isSo(await LinesAsync(client)), server);

    private static async Task UntilAsync(Func<Task<bool>> isSo, TarnServer server)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await isSo())
        {
            Assert.False(limit.IsCancellationRequested, server.Output);
            await tick.WaitForNextTickAsync(Token);
        }
    }
}
