using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarn.Core.Telemetry;
using Tarn.S3.Telemetry;
using Tarn.Server.Configuration;
using Tarn.Server.Hosting;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;
using Tarn.Tests.Server;

namespace Tarn.Tests.Telemetry;

public sealed class TelemetrySetupTests
{
    [Theory]
    [InlineData(CoreTelemetry.Name, "tarn.flood", TelemetrySetup.SeriesLimit)]
    [InlineData(S3Telemetry.Name, "tarn.s3.flood", TelemetrySetup.RequestSeriesLimit)]
    public async Task A_flood_of_label_values_ends_in_one_series(string meterName, string name, int limit)
    {
        await using TarnHost host = await StartAsync(OtlpSettings.None);
        using var meter = new Meter(meterName);
        Counter<long> counter = meter.CreateCounter<long>(name);
        for (int i = 0; i < limit + 500; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("value", i));
        }

        using var client = new HttpClient();
        string prefix = name.Replace('.', '_') + "_total{";
        string[] series = [.. (await client.GetStringAsync(host.ControlUrl + "/metrics")).Split('\n').Where(line => line.StartsWith(prefix, StringComparison.Ordinal))];
        Assert.Equal(limit + 1, series.Length);
        Assert.Single(series, prefix + "otel_metric_overflow=\"true\"} 500");
    }

    [Fact]
    public async Task Metrics_and_spans_go_to_the_collector_that_is_configured()
    {
        await using var collector = await Collector.StartAsync(_ => Task.CompletedTask);
        await using (TarnHost host = await StartAsync(To(collector.Url)))
        {
            using var client = new HttpClient();
            await client.GetStringAsync(host.S3Url + "/traced");
            await client.GetAsync(new Uri(host.S3Url + "/api/shared/a-token"), TestContext.Current.CancellationToken);
            await client.GetStringAsync(host.S3Url + "/presigned?X-Amz-Signature=a-signature&X-Amz-Security-Token=a-token");
            await client.GetAsync(new Uri(host.ControlUrl + "/api/shared/a-token"), TestContext.Current.CancellationToken);
            await client.GetStringAsync(host.ControlUrl + "/health/live");
        }

        Assert.Contains("http.server.request.duration", collector.Received("/v1/metrics"), StringComparison.Ordinal);
        Assert.Contains("/traced", collector.Received("/v1/traces"), StringComparison.Ordinal);
        Assert.Contains("/api/shared/", collector.Received("/v1/traces"), StringComparison.Ordinal);
        Assert.Contains("X-Amz-Signature", collector.Received("/v1/traces"), StringComparison.Ordinal);
        Assert.DoesNotContain("a-signature", collector.Received("/v1/traces"), StringComparison.Ordinal);
        Assert.DoesNotContain("a-token", collector.Received("/v1/traces"), StringComparison.Ordinal);
        Assert.DoesNotContain("/health/live", collector.Received("/v1/traces"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buckets_named_as_probes_and_scrapes_are_traced()
    {
        await using var collector = await Collector.StartAsync(_ => Task.CompletedTask);
        await using (TarnHost host = await StartAsync(To(collector.Url), s3HealthPath: "/own-probe"))
        {
            using var client = new HttpClient();
            foreach (string url in new[]
            {
                host.S3Url + "/metrics/own-key?own-query=1", host.S3Url + "/health/own-key", host.S3Url + "/own-probe/own-key",
                host.S3Url + "/own-probe/live", host.S3Url + "/own-probe", host.ControlUrl + "/metrics?own-scrape=1", host.ControlUrl + "/health/ready?own-ready=1",
            })
            {
                await client.GetStringAsync(url);
            }
        }

        // The collector receives spans of other tests' servers, too.
        string spans = collector.Received("/v1/traces");
        Assert.All(["/metrics/own-key", "own-query", "/health/own-key", "/own-probe/own-key"], text => Assert.Contains(text, spans, StringComparison.Ordinal));
        Assert.All(["own-scrape", "own-ready"], text => Assert.DoesNotContain(text, spans, StringComparison.Ordinal));
        Assert.Equal(spans.Split("/own-probe/own-key").Length, spans.Split("/own-probe").Length);
    }

    [Fact]
    public async Task Nobody_waits_for_a_collector_that_does_not_answer()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource();
        await using var collector = await Collector.StartAsync(_ =>
        {
            asked.TrySetResult();
            return never.Task;
        });
        try
        {
            await using TarnHost host = await StartAsync(To(collector.Url, ("OTEL_METRIC_EXPORT_INTERVAL", "10"), ("OTEL_BSP_SCHEDULE_DELAY", "10"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000")));
            using var client = new HttpClient();
            await client.GetStringAsync(host.S3Url + "/first");
            await asked.Task;
            Assert.Equal("s3 /second", await client.GetStringAsync(host.S3Url + "/second"));
            Assert.Contains("http_server_request_duration_seconds_count", await client.GetStringAsync(host.ControlUrl + "/metrics"), StringComparison.Ordinal);
        }
        finally
        {
            never.SetResult();
        }
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "must be an http or https URL")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/v1/traces", "must be an http or https URL")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "must be grpc or http/protobuf")]
    public void What_the_exporters_would_ignore_is_refused(string name, string value, string expected)
    {
        StartupException refused = Assert.Throws<StartupException>(() => OtlpSettings.From(new Dictionary<string, string> { [name] = value }));
        Assert.Equal($"{name}: {expected}", refused.Message);
    }

    [Theory]
    [InlineData("", false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=", false, false)]
    [InlineData("OTEL_SERVICE_NAME=x", false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 OTEL_TRACES_EXPORTER=none", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 OTEL_METRICS_EXPORTER=none", false, true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://c/v1/traces", false, true)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=https://c/v1/metrics", true, false)]
    public void Only_what_has_an_endpoint_is_exported(string variables, bool metrics, bool traces)
    {
        OtlpSettings settings = OtlpSettings.From(variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(v => v.Split('=')[0], v => v.Split('=')[1]));
        Assert.Equal((metrics, traces), (settings.Metrics, settings.Traces));
    }

    [Fact]
    public void The_gauge_of_a_failed_store_says_so()
    {
        List<int> values = [];
        using var listener = new MeterListener();
        int thread = Environment.CurrentManagedThreadId;
        listener.InstrumentPublished = (instrument, it) =>
        {
            // Stores of other tests have a gauge of the same name.
            if (instrument.Name == "tarn.metadata.failed" && Environment.CurrentManagedThreadId == thread)
            {
                it.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, value, _, _) => values.Add(value));
        listener.Start();
        using var store = new StoreHealth();
        listener.RecordObservableInstruments();
        int before = values.Sum();
        store.Fail();
        values.Clear();
        listener.RecordObservableInstruments();
        Assert.Equal(before + 1, values.Sum());
    }

    private static OtlpSettings To(string url, params (string Name, string Value)[] more)
    {
        var variables = more.ToDictionary(v => v.Name, v => v.Value);
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = url;
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        return OtlpSettings.From(variables);
    }

    private static Task<TarnHost> StartAsync(OtlpSettings otlp, string? s3HealthPath = null) => TestHost.StartAsync(
        Bound.From(s3HealthPath is null ? TestHost.FreePorts : new(TestHost.FreePorts) { ["--s3-health-path"] = [s3HealthPath] }), context => context.Response.WriteAsync("s3 " + context.Request.Path), otlp: otlp);

    /// <summary>Takes what exporters send.</summary>
    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        private readonly Dictionary<string, StringBuilder> _received = [];

        public string Url => app.Urls.Single();

        public static async Task<Collector> StartAsync(Func<HttpContext, Task> answer)
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            WebApplication app = builder.Build();
            var collector = new Collector(app);
            app.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                lock (collector._received)
                {
                    if (!collector._received.TryGetValue(context.Request.Path, out StringBuilder? text))
                    {
                        collector._received[context.Request.Path] = text = new StringBuilder();
                    }

                    text.Append(Encoding.Latin1.GetString(body.ToArray()));
                }

                await answer(context);
            });
            await app.StartAsync();
            return collector;
        }

        public string Received(string path)
        {
            lock (_received)
            {
                return _received.TryGetValue(path, out StringBuilder? text) ? text.ToString() : "";
            }
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
