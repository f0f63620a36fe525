using System.Text;
using Tarn.Core.KeyValue;
using Tarn.Core.Logging;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;
using Tarn.Tests.Telemetry;

namespace Tarn.Tests.BucketLogs;

/// <summary>The service in a running server: what its stop leaves on disk, its next start delivers.</summary>
public sealed class BucketLogServiceTests : IDisposable
{
    private readonly TemporaryDirectory _data = new("bucket-logs");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_stop_brings_the_last_lines_to_the_disk_and_the_next_start_delivers_them()
    {
        var rows = new HookedKeyValueStore(new MemoryKeyValueStore());
        await using (InProcessServer server = await StartAsync(rows))
        {
            using RawS3Client s3 = TraceExportTests.Client(server);
            await s3.CreateBucketAsync("source");
            await s3.CreateBucketAsync("target");
            (await s3.SendAsync(
                HttpMethod.Put, "source", query: new Dictionary<string, string> { ["logging"] = "" },
                body: "<BucketLoggingStatus><LoggingEnabled><TargetBucket>target</TargetBucket><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>"u8.ToArray())).Expect();
            for (int i = 0; i < 20; i++)
            {
                (await s3.PutAsync("source", $"key{i:D2}", new byte[1])).Expect();
            }

            await server.StopAsync();
        }

        string spool = Path.Combine(_data.FullPath, "log-spool");
        int kept = Directory.GetFiles(spool).Sum(static file => SegmentFormat.Read(File.ReadAllBytes(file)).Lines.Sum(static lines => lines.Count));
        Assert.Equal(20, kept);

        await using (InProcessServer server = await StartAsync(rows))
        {
            using RawS3Client s3 = TraceExportTests.Client(server);
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            IReadOnlyList<(string Key, long Size)> delivered;
            while ((delivered = await s3.ListAsync("target")).Count == 0 || Directory.GetFiles(spool).Length > 0)
            {
                await tick.WaitForNextTickAsync(Token);
            }

            string text = string.Concat(await Task.WhenAll(delivered.Select(async it => Encoding.ASCII.GetString((await s3.GetAsync("target", it.Key)).Expect().Body))));
            Assert.Equal(20, text.Count(static c => c == '\n'));
            Assert.All(Enumerable.Range(0, 20), i => Assert.Contains($" key{i:D2} ", text, StringComparison.Ordinal));
            using var client = new HttpClient();
            string metrics = await client.GetStringAsync(server.ControlUrl + "/metrics", Token);
            Assert.Contains("\ntarn_bucket_logs_delivered_total{} 20\n", metrics, StringComparison.Ordinal);
            Assert.Contains("\ntarn_bucket_logs_dropped_total{reason=\"spool\"} 0\n", metrics, StringComparison.Ordinal);
            Assert.Contains("\ntarn_bucket_logs_oldest_seconds{} 0\n", metrics, StringComparison.Ordinal);
        }
    }

    private Task<InProcessServer> StartAsync(HookedKeyValueStore rows) => InProcessServer.StartAsync(new InProcessSetup { Metadata = rows, DataPath = _data.FullPath, Background = true }, Token);
}
