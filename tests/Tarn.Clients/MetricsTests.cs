using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tarn.Clients.Harness;
using Tarn.TestKit.Metrics;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>The metrics of a server that has had traffic, hostile requests too; the dashboard and the alert rules; as Prometheus' promtool reads them.</summary>
public sealed partial class MetricsTests(MeasuredServer server) : IClassFixture<MeasuredServer>, IDisposable
{
    /// <summary>What promtool would name otherwise: OpenTelemetry's conventions for processes and .NET have these names.</summary>
    private static readonly string[] Accepted =
        ["dotnet_assembly_count", "dotnet_process_cpu_count", "dotnet_timer_count", "process_thread_count", "process_unix_file_descriptor_count"];

    /// <summary>Of the dashboard's metrics, those of which a server has no series before the first event.</summary>
    private static readonly string[] Rare =
    [
        "tarn_requests_refused_busy_total", "tarn_metadata_conflicts_total", "tarn_scrub_last_finished_seconds", "tarn_backup_last_success_timestamp_seconds",
        "tarn_mirror_lost_total", "tarn_mirror_healed_total",
    ];

    private readonly TemporaryDirectory _directory = new("metrics");
    private readonly string _metrics = server.Metrics;
    private readonly string _buckets = server.Buckets;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Promtool_reads_the_metrics_and_finds_nothing_wrong_with_those_of_the_server()
    {
        foreach ((string text, string[] accepted) in new[] { (_metrics, Accepted), (_buckets, []) })
        {
            string file = _directory.PathOf("scrape");
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
            ProgramResult result = await HostProgram.TryRunAsync("bash", ["-c", $"'{InstalledPrograms.Need("promtool")}' check metrics <'{file}'"]);
            Assert.True(result.ExitCode is 0 or 3, $"promtool: {result.ExitCode}\n{result.StandardError}");
            Assert.DoesNotContain(result.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => !accepted.Contains(line.Split(' ')[0]));
        }
    }

    [Fact]
    public void No_label_has_what_a_client_sent()
    {
        Assert.DoesNotContain("hostile", _metrics, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("measured", _metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("hostile", _buckets, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("rpc_method=\"_OTHER\"", _metrics, StringComparison.Ordinal);
        Assert.Contains("http_request_method=\"_OTHER\"", _metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tarn_s3_requests_total{http_response_status_code=\"200\",rpc_method=\"GetObject\"}", 1)]
    [InlineData("tarn_s3_requests_total{error_type=\"NoSuchKey\",http_response_status_code=\"404\",rpc_method=\"GetObject\"}", 1)]
    [InlineData("tarn_s3_request_duration_seconds_count{rpc_method=\"PutObject\"}", 2)]
    [InlineData("tarn_s3_request_time_to_first_byte_seconds_count{rpc_method=\"GetObject\"}", 1)]
    [InlineData("tarn_s3_received_bytes_total{rpc_method=\"PutObject\"}", 300_100)]
    [InlineData("tarn_s3_sent_bytes_total{rpc_method=\"ListObjects\"}", 100)]
    [InlineData("tarn_requests_in_flight{listener=\"s3\"}", 0)]
    [InlineData("tarn_metadata_commit_duration_seconds_count{}", 3)]
    [InlineData("tarn_metadata_commit_batches_sum{}", 3)]
    [InlineData("tarn_blob_read_errors_total{}", 0)]
    [InlineData("tarn_blob_write_errors_total{}", 0)]
    [InlineData("tarn_storage_free_bytes{store=\"blobs\"}", 1)]
    [InlineData("tarn_storage_size_bytes{store=\"metadata\"}", 1)]
    [InlineData("tarn_lifecycle_examined_total{}", 0)]
    [InlineData("tarn_reclaim_handled_total{}", 0)]
    [InlineData("tarn_scrub_verified_bytes_total{}", 0)]
    [InlineData("tarn_backup_running{}", 0)]
    [InlineData("tarn_bucket_objects{bucket=\"measured\"}", 2)]
    [InlineData("tarn_bucket_object_bytes{bucket=\"measured\"}", 300_100)]
    [InlineData("tarn_bucket_requests_total{bucket=\"measured\"}", 6)]
    [InlineData("tarn_buckets", 1)]
    public void A_series_is_there_and_has_counted(string series, long least)
    {
        string line = Assert.Single((_metrics + _buckets).Split('\n'), line => line.StartsWith(series + " ", StringComparison.Ordinal));
        Assert.True(double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture) >= least, line);
    }

    [Fact]
    public async Task Every_expression_of_the_dashboard_is_one_of_prometheus_and_names_metrics_that_there_are()
    {
        string[] expressions = [.. Expressions()];
        Assert.InRange(expressions.Length, 30, 200);
        HashSet<string> documented = [.. Documented()];
        string[] named = [.. expressions.SelectMany(PromQl.Metrics).Distinct()];
        Assert.DoesNotContain(named, name => !IsScraped(name) && !documented.Contains(name));

        Assert.Empty(named.Where(name => !IsScraped(name)).Except(Rare));
        string rules = _directory.PathOf("dashboard.yml");
        await File.WriteAllTextAsync(
            rules,
            JsonSerializer.Serialize(new
            {
                groups = new[] { new { name = "dashboard", rules = expressions.Select(static (expr, i) => new { record = $"dashboard:{i}", expr }) } },
            }),
            TestContext.Current.CancellationToken);
        await HostProgram.RunAsync(InstalledPrograms.Need("promtool"), ["check", "rules", rules]);
    }

    [Fact]
    public async Task The_alert_rules_pass_their_tests()
    {
        string promtool = InstalledPrograms.Need("promtool");
        await HostProgram.RunAsync(promtool, ["check", "rules", "deploy/tarn-alerts.yml"]);
        await HostProgram.RunAsync(promtool, ["test", "rules", "deploy/tarn-alerts-test.yml", "deploy/tarn-alerts-test-minutes.yml"]);
    }

    private bool IsScraped(string name) => $"\n{_metrics}{_buckets}".Contains($"\n{name}{{", StringComparison.Ordinal) || $"\n{_buckets}".Contains($"\n{name} ", StringComparison.Ordinal);

    /// <summary>The metrics of the page, of which some are absent before their first event.</summary>
    private static IEnumerable<string> Documented() => MetricName()
        .Matches(File.ReadAllText(Path.Combine(RepositoryLayout.Root, "docs", "reference", "metrics.md"))).Select(static match => match.Groups[1].Value);

    /// <summary>The expressions of all panels, with Grafana's variables replaced.</summary>
    private static IEnumerable<string> Expressions()
    {
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryLayout.Root, "deploy", "grafana", "tarn.json")));
        foreach (JsonElement panel in dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(static panel => panel.GetProperty("type").GetString() != "row"))
        {
            foreach (JsonElement target in panel.GetProperty("targets").EnumerateArray())
            {
                yield return target.GetProperty("expr").GetString()!
                    .Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$instance", ".*", StringComparison.Ordinal);
            }
        }
    }

    [GeneratedRegex("`((?:tarn|http|kestrel|dotnet|process)_[a-z0-9_]+)`")]
    private static partial Regex MetricName();
}
