using System.Diagnostics;
using System.Text.Json;
using Tarn.Server.Configuration;
using Tarn.Server.Telemetry;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Signing;
using Tarn.Tests.Control;
using Tarn.Tests.Telemetry;

namespace Tarn.Tests.Requests;

/// <summary>The access log of a server, read after it has stopped.</summary>
public sealed class AccessLogTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new("access");

    private string LogPath => _directory.PathOf("access.log");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Each_request_has_a_line_of_json()
    {
        await using (InProcessServer server = await StartAsync(AccessLogFormat.Json))
        {
            using RawS3Client s3 = TraceExportTests.Client(server);
            await s3.CreateBucketAsync("logged");
            (await s3.PutAsync("logged", "a\nkey", new byte[70_000])).Expect();
            (await s3.SendAsync(HttpMethod.Get, "logged", "a\nkey", headers: new Dictionary<string, string> { ["Range"] = "bytes=0-9" })).Expect();
            await s3.GetAsync("logged", "missing");
            using var client = new HttpClient();
            (await client.GetAsync(server.S3Url + "/logged/anonymous", Token)).Dispose();

            await server.StopAsync();
        }

        // Lines are written in the order in which requests end.
        JsonElement[] lines = [.. File.ReadAllLines(LogPath).Select(line => JsonDocument.Parse(line).RootElement.Clone()).OrderBy(line => line.GetProperty("time").GetDateTime())];
        Assert.Equal(["CreateBucket 200", "PutObject 200", "GetObject 206", "GetObject 404", "GetObject 403"], lines.Select(line => $"{Text(line, "operation")} {line.GetProperty("status")}"));
        Assert.All(lines[..4], line => Assert.Equal(("ROOTKEY", "arn:aws:iam::root:root", "127.0.0.1", "SigV4", "AuthHeader"), (Text(line, "accessKey"), Text(line, "requester"), Text(line, "remote"), Text(line, "signature"), Text(line, "authentication"))));
        Assert.Equal(("a\nkey", 70_000, 70_000), (Text(lines[1], "key"), lines[1].GetProperty("bytesIn").GetInt64(), lines[1].GetProperty("objectSize").GetInt64()));
        Assert.Equal((10, 70_000), (lines[2].GetProperty("bytesOut").GetInt64(), lines[2].GetProperty("objectSize").GetInt64()));
        Assert.Equal("NoSuchKey", Text(lines[3], "error"));
        Assert.Equal(("AccessDenied", ""), (Text(lines[4], "error"), Text(lines[4], "requester")));
        Assert.All(lines, line => Assert.True(line.GetProperty("milliseconds").GetDouble() >= line.GetProperty("stages").EnumerateObject().Max(stage => stage.Value.GetDouble())));
        Assert.True(lines[1].GetProperty("stages").TryGetProperty("blob", out _));
        Assert.True(lines[2].GetProperty("stages").TryGetProperty("send", out _));
    }

    [Fact]
    public async Task Each_request_has_a_line_as_S3_writes_it()
    {
        await using (InProcessServer server = await StartAsync(AccessLogFormat.S3))
        {
            using RawS3Client s3 = TraceExportTests.Client(server);
            await s3.CreateBucketAsync("logged");
            (await s3.SendAsync(HttpMethod.Get, "logged", query: new Dictionary<string, string> { ["versioning"] = "" }, headers: new Dictionary<string, string> { ["User-Agent"] = "S3Console/0.4" })).Expect();

            await server.StopAsync();
        }

        string[] lines = File.ReadAllLines(LogPath);
        Assert.Equal(2, lines.Length);
        string line = Assert.Single(lines, line => line.Contains("VERSIONING", StringComparison.Ordinal));
        Assert.Matches(
            "^[0-9a-f]{64} logged \\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d \\+0000\\] 127\\.0\\.0\\.1 [0-9a-f]{64} [0-9A-F]{16} REST\\.GET\\.VERSIONING - "
            + "\"GET /logged\\?versioning= HTTP/1\\.1\" 200 - \\d+ - \\d+ - \"-\" \"S3Console/0\\.4\" - \\S{64} SigV4 - AuthHeader 127\\.0\\.0\\.1:\\d+ - - -$",
            line);
    }

    [Fact]
    public async Task Nobody_waits_for_a_reader_that_does_not_read_and_what_is_lost_is_counted()
    {
        using (Process made = Process.Start("mkfifo", LogPath))
        {
            await made.WaitForExitAsync(Token);
        }

        // Open for both ends, so that there is a reader; it never reads.
        using var reader = new FileStream(LogPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        await using InProcessServer server = await StartAsync(AccessLogFormat.Json);
        using RawS3Client s3 = TraceExportTests.Client(server);
        await s3.CreateBucketAsync("logged");
        using var client = new HttpClient();
        string agent = new('a', 900);
        string metrics;
        int sent = 0;
        do
        {
            for (int i = 0; i < 500; i++, sent++)
            {
                RawS3Response answer = await s3.SendAsync(HttpMethod.Head, "logged", headers: new Dictionary<string, string> { ["User-Agent"] = agent });
                Assert.True(answer.IsSuccess);
            }

            metrics = await client.GetStringAsync(server.ControlUrl + "/metrics", Token);
        }
        while (!metrics.Contains("tarn_line_log_dropped_total{log=\"access log\"}", StringComparison.Ordinal) && sent < 20_000);
        Assert.Contains("tarn_line_log_dropped_total{log=\"access log\"}", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_cannot_be_opened_is_refused_at_the_start()
    {
        StartupException refused = await Assert.ThrowsAsync<StartupException>(() => InProcessServer.StartAsync(
            new InProcessSetup { Options = InProcessServer.Options with { AccessLog = _directory.PathOf("none", "access.log") } }, Token));
        Assert.Equal($"--access-log: cannot open {_directory.PathOf("none", "access.log")}: No such file or directory", refused.Message);
    }

    /// <summary>Requests with each kind of secret in each place where one may be; none is in a log, a span or the answer of a watcher.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_secret_of_a_request_is_in_any_log_or_span(bool json)
    {
        const string Marker = "HUSH";
        var secrets = new List<string>();
        await using var collector = await SpanCollector.StartAsync();
        string audit = _directory.PathOf("audit.log");
        string traced;
        await using (InProcessServer server = await InProcessServer.StartAsync(
            new InProcessSetup
            {
                Otlp = OtlpSettings.From(new Dictionary<string, string>
                {
                    ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf", ["OTEL_METRICS_EXPORTER"] = "none",
                    ["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true",
                }),
                Options = InProcessServer.Options with
                {
                    AccessLog = LogPath, AccessLogFormat = json ? AccessLogFormat.Json : AccessLogFormat.S3, AuditLog = audit, TraceRate = 1_000_000,
                },
            },
            Token))
        {
            var watch = new TraceReader(server.ControlUrl);
            await watch.StartAsync(ControlServer.Root, "/api/trace", Token);
            var url = new Uri(server.S3Url);
            var host = new Dictionary<string, string> { ["host"] = url.Authority };
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            var signer = new SigV4TestSigner(InProcessServer.RootAccessKey, InProcessServer.RootSecretKey);
            string presigned = signer.Presign("GET", "/hidden/key", host, now, 600);
            string version2 = new SigV2TestSigner(InProcessServer.RootAccessKey, InProcessServer.RootSecretKey).Presign("GET", "/hidden/key", now.ToUnixTimeSeconds() + 600);
            Dictionary<string, string> header = signer.SignHeaders("GET", "/hidden/key", host, [], now);
            secrets.AddRange([presigned.Split("X-Amz-Signature=")[1], version2.Split("Signature=")[1].Split('&')[0], header["authorization"].Split("Signature=")[1], Marker]);

            using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false });
            string[] targets =
            [
                presigned, version2, presigned + "&X-Amz-Security-Token=" + Marker, "/hidden?policy&X-Amz-Signature=" + Marker, "/hidden/key?x-amz-server-side-encryption-customer-key=" + Marker,
                "/hidden/key?X-Amz-Credential=" + Marker, "/hidden/key?token=" + Marker, "/api/shared/" + Marker, "/%61pi/%73hared/" + Marker, "/api%2Fshared%2F" + Marker, "/api/shared%2f" + Marker, "/hidden/key?X-Amz-Signature%3D" + Marker, "/hidden/key?" + Marker + "%00=1",
            ];
            foreach (string method in new[] { "GET", "PUT", "DELETE", "POST", "OPTIONS" })
            {
                foreach (string target in targets)
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.S3Url + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
                    request.Headers.TryAddWithoutValidation("Referer", "https://pages.example/?signed=" + Marker);
                    request.Headers.TryAddWithoutValidation("Cookie", Marker);
                    request.Headers.TryAddWithoutValidation("x-amz-security-token", Marker);
                    request.Headers.TryAddWithoutValidation("x-amz-server-side-encryption-customer-key", Marker);
                    request.Headers.TryAddWithoutValidation("x-amz-copy-source-server-side-encryption-customer-key", Marker);
                    (await client.SendAsync(request, Token)).Dispose();
                }
            }

            using (var signed = new HttpRequestMessage(HttpMethod.Get, server.S3Url + "/hidden/key"))
            {
                foreach ((string name, string value) in header)
                {
                    signed.Headers.TryAddWithoutValidation(name, value);
                }

                (await client.SendAsync(signed, Token)).Dispose();
            }

            foreach (string link in new[] { "/api/shared/", "/%61pi/shared/", "/api%2Fshared%2F" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.ControlUrl + link + Marker, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
                (await client.SendAsync(request, Token)).Dispose();
            }

            await watch.UntilAsync(line => line.Contains("SigV4", StringComparison.Ordinal) && line.Contains("AuthHeader", StringComparison.Ordinal));
            traced = string.Join('\n', watch.Lines);
            await watch.DisposeAsync();

            await server.StopAsync();
        }

        string log = await File.ReadAllTextAsync(LogPath, Token);
        Assert.InRange(log.Split('\n').Length, 65, 75);
        Assert.Contains("hidden", collector.Raw, StringComparison.Ordinal);
        Assert.Contains("hidden", traced, StringComparison.Ordinal);
        foreach (string secret in secrets)
        {
            Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, traced, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, await File.ReadAllTextAsync(audit, Token), StringComparison.Ordinal);
            Assert.DoesNotContain(secret, collector.Raw, StringComparison.Ordinal);
        }
    }

    private Task<InProcessServer> StartAsync(AccessLogFormat format) =>
        InProcessServer.StartAsync(new InProcessSetup { Options = InProcessServer.Options with { AccessLog = LogPath, AccessLogFormat = format } }, Token);

    private static string Text(JsonElement line, string member) => line.TryGetProperty(member, out JsonElement value) ? value.GetString()! : "";
}
