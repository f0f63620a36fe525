using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Tarn.Server.Auditing;
using Tarn.Server.Control;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Hosting;
using Tarn.TestKit.Hosting;
using Tarn.Tests.Sharing;
using Tarn.Tests.Telemetry;

namespace Tarn.Tests.Control;

public sealed class ControlOutcomeTests
{
    [Fact]
    public async Task The_log_has_a_line_of_the_request_and_one_of_the_change()
    {
        using var log = new KeptLog(typeof(AnswerFilter).FullName!);
        byte[] made = """{"name":"acme"}"""u8.ToArray();
        long length;
        await using (InProcessServer server = await StartAsync(log))
        {
            using var client = new HttpClient();
            using HttpRequestMessage request = Request(server, "/api/organizations", made);
            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(201, (int)response.StatusCode);
            length = response.Content.Headers.ContentLength!.Value;
            await server.StopAsync();
        }

        string line = Assert.Single(log.Lines, line => line.Contains(" ms ", StringComparison.Ordinal));
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"POST /api/organizations/ 201 in={made.Length} out={length} "), line, StringComparison.Ordinal);
        string requester = line[(line.LastIndexOf("by=", StringComparison.Ordinal) + 3)..];
        Assert.StartsWith("arn:", requester, StringComparison.Ordinal);
        Assert.Contains($"{requester} POST /api/organizations: 201", log.Lines);
    }

    [Fact]
    public async Task A_change_whose_client_leaves_early_is_logged_as_499_and_a_failure_meanwhile_with_its_exception()
    {
        using var log = new KeptLog(typeof(AnswerFilter).FullName!);
        using var arrived = new SemaphoreSlim(0);
        await using (InProcessServer server = await StartAsync(log, api =>
        {
            api.MapPost("/api/wait", async Task<IResult> (ControlRequest request) =>
            {
                arrived.Release();
                await Task.Delay(Timeout.Infinite, request.CancellationToken);
                return Done.Instance;
            });
            api.MapPost("/api/fail-late", async Task<IResult> (ControlRequest request) =>
            {
                arrived.Release();
                await Task.Delay(Timeout.Infinite, request.CancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
                throw new InvalidOperationException("inside");
            });
        }))
        {
            foreach (string path in new[] { "/api/wait", "/api/fail-late" })
            {
                using var client = new HttpClient();
                using HttpRequestMessage request = Request(server, path, []);
                using var leave = new CancellationTokenSource();
                Task<HttpResponseMessage> answer = client.SendAsync(request, leave.Token);
                await arrived.WaitAsync(TestContext.Current.CancellationToken);
                await leave.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
            }

            await server.StopAsync();
        }

        Assert.Single(log.Lines, line => line.EndsWith(" POST /api/wait: 499", StringComparison.Ordinal));
        Assert.Single(log.Lines, line => line.EndsWith(" POST /api/fail-late: 499", StringComparison.Ordinal));
        Assert.Equal(["POST /api/fail-late failed"], log.Lines.Where(line => line.EndsWith("failed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_failure_is_logged_with_its_exception_and_as_500()
    {
        using var log = new KeptLog(typeof(AnswerFilter).FullName!);
        await using (InProcessServer server = await StartAsync(log, api => api.MapPost("/api/fail", IResult (ControlRequest _) => throw new InvalidOperationException("inside"))))
        {
            using var client = new HttpClient();
            using HttpRequestMessage request = Request(server, "/api/fail", []);
            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(500, (int)response.StatusCode);
            await server.StopAsync();
        }

        Assert.Single(log.Lines, "POST /api/fail failed");
        Assert.Single(log.Lines, line => line.EndsWith(" POST /api/fail: 500", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_leaves_once_it_has_the_whole_answer_was_served()
    {
        using var log = new KeptLog(typeof(AnswerFilter).FullName!);
        using var left = new CancellationTokenSource();
        var http = new DefaultHttpContext { RequestAborted = left.Token };
        http.Request.Method = "POST";
        await new AnswerFilter(TimeProvider.System, new AuditLog(null), log.CreateLogger<AnswerFilter>()).InvokeAsync(EndpointFilterInvocationContext.Create(http), async _ =>
        {
            await Answers.WriteFailureAsync(http, 409, "no");
            await left.CancelAsync();
            return Results.Empty;
        });
        Assert.Contains("- POST -: 409", log.Lines);
    }

    [Fact]
    public async Task The_web_servers_span_is_described()
    {
        using var spans = new KeptSpans("Microsoft.AspNetCore");
        using var log = new KeptLog(typeof(AnswerFilter).FullName!);
        byte[] made = """{"name":"traced"}"""u8.ToArray();
        await using (InProcessServer server = await StartAsync(log))
        {
            using var client = new HttpClient();
            using HttpRequestMessage request = Request(server, "/api/organizations", made);
            request.Headers.Add("traceparent", Activity.Current!.Id);
            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(201, (int)response.StatusCode);
            await server.StopAsync();
        }

        Dictionary<string, object?> tags = Assert.Single(spans.Ended).TagObjects.ToDictionary();
        Assert.Equal((long)made.Length, tags["http.request.body.size"]);
        Assert.StartsWith("arn:", Assert.IsType<string>(tags["enduser.id"]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_span_says_who_asked_and_how_much_was_sent()
    {
        using var span = new Activity("request") { IsAllDataRequested = true };
        ControlSpan.Describe(span, new ControlOutcome
        {
            Method = "POST", Route = "/api/keys", Path = "/api/keys", Status = 201, BytesIn = 15, BytesOut = 295, Total = TimeSpan.Zero, Requester = "arn:someone", IsChange = true,
        });
        Dictionary<string, object?> tags = span.TagObjects.ToDictionary();
        Assert.Equal((15L, 295L, "arn:someone"), (tags["http.request.body.size"], tags["http.response.body.size"], tags["enduser.id"]));
    }

    private static Task<InProcessServer> StartAsync(KeptLog log, Action<RouteGroupBuilder>? more = null) => InProcessServer.StartAsync(new InProcessSetup
    {
        Options = InProcessServer.Options with { LogLevel = LogLevel.Debug },
        More = builder =>
        {
            builder.Logging.AddProvider(log);
            builder.Services.RemoveAll<ControlMap>().AddSingleton<ControlMap>(routes =>
            {
                RouteGroupBuilder api = routes.MapTarnControl();
                more?.Invoke(api);
            });
        },
    });

    /// <summary>Waits for the end of all requests: a client has its answer before the server has logged it and ended its span.</summary>
    private static HttpRequestMessage Request(InProcessServer server, string path, byte[] body)
    {
        var target = new Uri(server.ControlUrl + path);
        var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(body) };
        foreach ((string name, string value) in ControlServer.Root.Headers("POST", target, body))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
