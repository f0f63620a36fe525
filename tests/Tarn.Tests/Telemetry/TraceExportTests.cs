using System.Net;
using Tarn.Server.Telemetry;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Telemetry;

public sealed class TraceExportTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Experiment()
    {
        await using var collector = await SpanCollector.StartAsync(async c => await Task.Delay(5000));
        await using InProcessServer server = await StartAsync(collector, 100, ("OTEL_BSP_MAX_QUEUE_SIZE", "4"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2"), ("OTEL_BSP_SCHEDULE_DELAY", "10"));
        using var client = new HttpClient();
        for (int i = 0; i < 30; i++)
        {
            (await client.GetAsync(server.S3Url + "/bucket" + i, Token)).Dispose();
        }
        string m = await client.GetStringAsync(server.ControlUrl + "/metrics");
        Assert.Fail(string.Join("\n", m.Split('\n').Where(l => l.Contains("otel"))));
    }

    private static Task<InProcessServer> StartAsync(SpanCollector collector, int rate, params (string Name, string Value)[] more)
    {
        var variables = more.ToDictionary(v => v.Name, v => v.Value);
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url;
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        variables.TryAdd("OTEL_METRICS_EXPORTER", "none");
        return InProcessServer.StartAsync(new InProcessSetup { Otlp = OtlpSettings.From(variables), Options = InProcessServer.Options with { TraceRate = rate } }, Token);
    }
}
