using System.Net;
using Microsoft.Extensions.Logging;
using Tarn.Server.Telemetry;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Telemetry;

/// <summary>Spans as a collector receives them. It receives those of other tests' servers, too.</summary>
public sealed class TraceExportTests
{
    private const string Parent = "00f067aa0ba902b7";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_has_one_server_span_that_continues_the_clients_trace_and_its_stages_are_inside()
    {
        string put = NewTrace(), get = NewTrace();
        await using var collector = await SpanCollector.StartAsync();
        await using (InProcessServer server = await StartAsync(collector))
        {
            using RawS3Client s3 = Client(server);
            await s3.CreateBucketAsync("traced");
            (await s3.SendAsync(HttpMethod.Put, "traced", "a/key", headers: From(put), body: new byte[100_000])).Expect();
            (await s3.SendAsync(HttpMethod.Get, "traced", "a/key", headers: From(get))).Expect();

            await server.StopAsync();
        }

        ReceivedSpan[] written = [.. collector.Spans.Where(span => span.TraceId == put)];
        Assert.Superset(new HashSet<string> { "authentication", "authorization", "metadata get", "metadata commit", "blob create", "blob write", "blob commit" }, written.Select(span => span.Name).ToHashSet());
        Assert.Single(written, span => span.Name == "blob commit");
        Check(written, "PutObject");

        ReceivedSpan[] read = [.. collector.Spans.Where(span => span.TraceId == get)];
        Assert.Superset(new HashSet<string> { "authentication", "authorization", "metadata get", "blob open", "blob read", "send" }, read.Select(span => span.Name).ToHashSet());
        ReceivedSpan operation = Check(read, "GetObject");
        Assert.Equal(("traced", "a/key", "200", "100000"), (operation.Tags["aws.s3.bucket"], operation.Tags["aws.s3.key"], operation.Tags["http.response.status_code"], operation.Tags["http.response.body.size"]));
        Assert.Equal("send", read.Single(span => span.SpanId == read.First(span => span.Name == "blob read").ParentId).Name);
        Assert.Equal("1", operation.Tags["tarn.send.calls"]);
    }

    [Theory]
    [InlineData("00-{trace}-00f067aa0ba902b7")]
    [InlineData("00-{trace}-0000000000000000-01")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("ff-{trace}-00f067aa0ba902b7-01")]
    [InlineData("00-{TRACE}-00f067aa0ba902b7-01")]
    [InlineData("00-{trace}-00f067aa0ba902b7-01, 00-{trace}-00f067aa0ba902b7-01")]
    [InlineData("x")]
    public async Task A_malformed_traceparent_is_ignored(string sent)
    {
        string trace = NewTrace(), bucket = "malformed-" + trace;
        await using var collector = await SpanCollector.StartAsync();
        await using (InProcessServer server = await StartAsync(collector))
        {
            using RawS3Client s3 = Client(server);
            RawS3Response answer = await s3.SendAsync(HttpMethod.Head, bucket, headers: new Dictionary<string, string>
            {
                ["traceparent"] = sent.Replace("{trace}", trace, StringComparison.Ordinal).Replace("{TRACE}", trace.ToUpperInvariant(), StringComparison.Ordinal),
            });
            Assert.Equal(HttpStatusCode.NotFound, answer.Status);

            await server.StopAsync();
        }

        ReceivedSpan span = Assert.Single(collector.Spans, span => span.Kind == ReceivedSpan.Server && span.Tags.GetValueOrDefault("url.path") == "/" + bucket);
        Assert.Equal("", span.ParentId);
        Assert.NotEqual(trace, span.TraceId);
    }

    [Fact]
    public async Task A_client_that_does_not_sample_is_not_traced_and_a_long_request_has_few_spans()
    {
        string off = NewTrace(), many = NewTrace();
        await using var collector = await SpanCollector.StartAsync();
        await using (InProcessServer server = await StartAsync(collector))
        {
            using RawS3Client s3 = Client(server);
            await s3.CreateBucketAsync("many");
            (await s3.SendAsync(HttpMethod.Get, "many", headers: new Dictionary<string, string> { ["traceparent"] = $"00-{off}-{Parent}-00" })).Expect();
            string keys = string.Concat(Enumerable.Range(0, 100).Select(i => $"<Object><Key>k{i}</Key></Object>"));
            byte[] body = System.Text.Encoding.UTF8.GetBytes($"<Delete>{keys}</Delete>");
            var headers = new Dictionary<string, string>(From(many)) { ["x-amz-checksum-sha256"] = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(body)) };
            (await s3.SendAsync(HttpMethod.Post, "many", query: new Dictionary<string, string> { ["delete"] = "" }, headers: headers, body: body)).Expect();

            await server.StopAsync();
        }

        Assert.DoesNotContain(collector.Spans, span => span.TraceId == off);
        ReceivedSpan[] spans = [.. collector.Spans.Where(span => span.TraceId == many)];
        Assert.InRange(spans.Count(span => span.Name.StartsWith("metadata", StringComparison.Ordinal)), 1, Core.Telemetry.RequestTimes.MaxSpans);
        Assert.InRange(int.Parse(spans.Single(span => span.Name == "DeleteObjects").Tags["tarn.metadata.calls"], System.Globalization.CultureInfo.InvariantCulture), 100, 10_000);
    }

    [Fact]
    public async Task What_clients_choose_is_bounded()
    {
        string trace = NewTrace();
        await using var collector = await SpanCollector.StartAsync();
        await using (InProcessServer server = await StartAsync(collector))
        {
            using RawS3Client s3 = Client(server);
            await s3.SendAsync(HttpMethod.Get, "bounded", new string('k', 5000), headers: new Dictionary<string, string>(From(trace))
            {
                ["User-Agent"] = new('u', 5000), ["tracestate"] = "v=" + new string('s', 5000),
            });

            await server.StopAsync();
        }

        ReceivedSpan[] spans = [.. collector.Spans.Where(span => span.TraceId == trace)];
        ReceivedSpan server1 = Assert.Single(spans, span => span.Kind == ReceivedSpan.Server);
        Assert.Equal(SpanBounds.MaxText, server1.Tags["user_agent.original"].Length);
        Assert.All(spans.SelectMany(span => span.Tags.Values), value => Assert.InRange(value.Length, 0, SpanBounds.MaxText));
        Assert.All(spans, span => Assert.InRange(span.TraceState.Length, 0, SpanBounds.MaxState));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task A_collector_that_fails_hangs_or_is_gone_changes_nothing_for_requests_and_its_losses_are_counted(int answer)
    {
        var never = new TaskCompletionSource();
        using var log = new KeptLog(typeof(ExportFailures).FullName!);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var collector = await SpanCollector.StartAsync(context =>
        {
            asked.TrySetResult();
            context.Response.StatusCode = answer == 500 ? 500 : 200;
            return answer == 0 ? never.Task : Task.CompletedTask;
        });
        try
        {
            await using InProcessServer server = await StartAsync(
                answer < 0 ? $"http://127.0.0.1:{FreePort.Next()}" : collector.Url,
                log,
                ("OTEL_BSP_MAX_QUEUE_SIZE", "4"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2"), ("OTEL_BSP_SCHEDULE_DELAY", "10"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000"));
            using RawS3Client s3 = Client(server);
            await s3.CreateBucketAsync("lossy");
            for (int i = 0; i < 20; i++)
            {
                (await s3.PutAsync("lossy", "key", new byte[10])).Expect();
            }

            // The SDK counts what does not fit into its queue of four spans.
            using var client = new HttpClient();
            if (answer == 0)
            {
                await asked.Task;
                (await s3.PutAsync("lossy", "key", new byte[10])).Expect();
                Assert.Contains(
                    "otel_sdk_processor_span_processed_total{error_type=\"queue_full\"", await client.GetStringAsync(server.ControlUrl + "/metrics", Token), StringComparison.Ordinal);
            }
        }
        finally
        {
            never.TrySetResult();
        }

        // The last export is tried when the server stops, at the latest.
        if (answer != 0)
        {
            Assert.Contains(log.Lines, line => line.StartsWith("The collector of OpenTelemetry's exporter did not take what was sent", StringComparison.Ordinal));
        }
    }

    internal static Task<InProcessServer> StartAsync(SpanCollector collector) => StartAsync(collector.Url, null);

    private static Task<InProcessServer> StartAsync(string url, ILoggerProvider? log, params (string Name, string Value)[] more)
    {
        var variables = more.ToDictionary(v => v.Name, v => v.Value);
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = url;
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        variables["OTEL_METRICS_EXPORTER"] = "none";
        return InProcessServer.StartAsync(
            new InProcessSetup
            {
                Otlp = OtlpSettings.From(variables),
                Options = InProcessServer.Options with { TraceRate = 1_000_000, LogLevel = log is null ? LogLevel.None : LogLevel.Information },
                More = builder =>
                {
                    if (log is not null)
                    {
                        builder.Logging.AddProvider(log);
                    }
                },
            },
            Token);
    }

    internal static RawS3Client Client(InProcessServer server) =>
        new(new TarnEndpoint(new Uri(server.S3Url + "/"), InProcessServer.RootAccessKey, InProcessServer.RootSecretKey));

    private static Dictionary<string, string> From(string trace) => new() { ["traceparent"] = $"00-{trace}-{Parent}-01" };

    private static string NewTrace() => System.Diagnostics.ActivityTraceId.CreateRandom().ToHexString();

    /// <summary>Checks that the spans are one tree below the client's, and returns that of the operation.</summary>
    private static ReceivedSpan Check(ReceivedSpan[] spans, string operation)
    {
        ReceivedSpan server = Assert.Single(spans, span => span.Kind == ReceivedSpan.Server);
        Assert.Equal(Parent, server.ParentId);
        ReceivedSpan s3 = Assert.Single(spans, span => span.Name == operation);
        Assert.Equal(server.SpanId, s3.ParentId);
        Dictionary<string, ReceivedSpan> byId = spans.ToDictionary(span => span.SpanId);
        Assert.All(spans.Where(span => span != server), span => Assert.Contains(span.ParentId, byId));
        Assert.All(spans.Where(span => span != server && span != s3), span => Assert.Equal(ReceivedSpan.Internal, span.Kind));
        foreach (string stage in new[] { "authentication", "authorization" })
        {
            Assert.Equal(s3.SpanId, Assert.Single(spans, span => span.Name == stage).ParentId);
        }

        return s3;
    }
}
