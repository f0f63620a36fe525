using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Cli.Status;
using Tarn.Server.Configuration;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Cli.Doctor;

/// <summary>What the doctor finds between clients and the server.</summary>
public sealed class ProxyCheckTests : IAsyncLifetime
{
    private readonly Examination _examination = new();
    private InProcessServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await InProcessServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        _examination.Examined = _examination.Examined with { Key = new RootKey(InProcessServer.RootAccessKey, InProcessServer.RootSecretKey) };
    }

    public async ValueTask DisposeAsync()
    {
        _examination.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Without_an_address_nothing_is_asked() => await _examination.ExpectAsync(new ProxyCheck(), Verdict.Skipped, "not asked");

    [Fact]
    public async Task A_server_without_a_proxy_and_one_behind_a_good_one_are_right()
    {
        await AllRightAsync(new Uri(_server.S3Url));
        await using FakeProxy proxy = await FakeProxy.StartAsync(_server.S3Url);
        await AllRightAsync(proxy.Url);
    }

    [Fact]
    public async Task A_proxy_that_changes_the_host_breaks_signatures()
    {
        await using FakeProxy proxy = await FakeProxy.StartAsync(_server.S3Url, keepsHost: false);
        await ExpectAsync(proxy.Url, Verdict.Problem, "a signature does not survive");
    }

    [Fact]
    public async Task A_proxy_that_tidies_paths_breaks_signatures_of_such_keys()
    {
        await using FakeProxy proxy = await FakeProxy.StartAsync(_server.S3Url, target: static target => target.Length > 1 ? target.Replace("//", "/", StringComparison.Ordinal) : target);
        await ExpectAsync(proxy.Url, Verdict.Problem, "paths do not survive");
    }

    [Fact]
    public async Task A_proxy_that_removes_signatures_is_a_problem_also_where_nobody_may_ask_without()
    {
        await using FakeProxy proxy = await FakeProxy.StartAsync(_server.S3Url, static (_, context) =>
        {
            context.Request.Headers.Remove("Authorization");
            return Task.FromResult(false);
        });
        await ExpectAsync(proxy.Url, Verdict.Problem, "the signature does not reach the server");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(502)]
    public async Task A_proxy_that_answers_for_untidy_keys_itself_is_a_problem(int status)
    {
        await using FakeProxy proxy = await FakeProxy.StartAsync(_server.S3Url, async (_, context) =>
        {
            if (!context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Contains("//", StringComparison.Ordinal))
            {
                return false;
            }

            context.Response.StatusCode = status;
            await context.Response.WriteAsync("<Error><Code>NoSuchBucket</Code></Error>");
            return true;
        });
        await ExpectAsync(proxy.Url, Verdict.Problem, $"'+' is answered with an answer of the proxy's own ({status})");
    }

    [Theory]
    [InlineData("GET", "a signed request is not answered: the connection was", 2)]
    [InlineData("PUT", "an upload of 5 GiB is not answered: the connection was", 3)]
    public async Task A_connection_that_the_proxy_ends_is_a_problem_and_what_was_found_before_is_kept(string method, string found, int findings)
    {
        await using FakeProxy proxy = await FakeProxy.StartAsync(_server.S3Url, (_, context) =>
        {
            bool ends = context.Request.Method == method && (method == "PUT" || context.Request.Headers.ContainsKey("Authorization"));
            if (ends)
            {
                context.Abort();
            }

            return Task.FromResult(ends);
        });
        await ExpectAsync(proxy.Url, Verdict.Problem, found);
        IReadOnlyList<Finding> all = await _examination.RunAsync(new ProxyCheck());
        Assert.Equal(findings, all.Count);
        Assert.All(all.SkipLast(1), static finding => Assert.Equal(Verdict.Ok, finding.Verdict));
    }

    [Fact]
    public async Task Time_that_runs_out_an_end_and_a_reset_are_told_apart()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        await using (RawExchange ended = await OpenAsync(peer => peer.Shutdown(SocketShutdown.Send)))
        {
            await Assert.ThrowsAsync<EndOfStreamException>(async () => await ended.AskAsync("x"u8.ToArray(), TimeSpan.FromMinutes(1), TimeProvider.System, TestContext.Current.CancellationToken));
        }

        await using (RawExchange reset = await OpenAsync(peer => peer.Close(0)))
        {
            IOException failure = await Assert.ThrowsAsync<IOException>(async () => await reset.AskAsync("x"u8.ToArray(), TimeSpan.FromMinutes(1), TimeProvider.System, TestContext.Current.CancellationToken));
            Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(failure.GetBaseException()).SocketErrorCode);
        }

        await using RawExchange silent = await OpenAsync(static _ => { });
        var time = new FakeTimeProvider();
        Task<(int Status, string Head)?> asked = silent.AskAsync("x"u8.ToArray(), TimeSpan.FromSeconds(10), time, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Null(await asked);

        async Task<RawExchange> OpenAsync(Action<Socket> then)
        {
            RawExchange exchange = await RawExchange.OpenAsync(url, TestContext.Current.CancellationToken);
            Socket peer = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
            then(peer);
            return exchange;
        }
    }

    [Fact]
    public async Task An_answer_in_a_charset_that_nobody_knows_is_an_answer()
    {
        await using FakeProxy proxy = await FakeProxy.StartAsync(_server.S3Url, static async (_, context) =>
        {
            context.Response.StatusCode = 403;
            context.Response.ContentType = "text/plain; charset=x-unknown";
            await context.Response.WriteAsync("no");
            return true;
        });
        HealthProbe.Answer health = await HealthProbe.AskAsync(proxy.Url, TestContext.Current.CancellationToken);
        Assert.Contains("it answered 403", health.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_limits_bodies_refuses_large_uploads()
    {
        await using FakeProxy proxy = await FakeProxy.StartAsync(_server.S3Url, static (_, context) =>
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return Task.FromResult(context.Request.ContentLength > 1 << 20);
        });
        await ExpectAsync(proxy.Url, Verdict.Problem, "refuses bodies of 5 GiB");
    }

    [Fact]
    public async Task A_proxy_that_knows_no_uploads_answers_them_itself()
    {
        await using FakeProxy proxy = await FakeProxy.StartAsync(_server.S3Url, static (_, context) =>
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.FromResult(context.Request.Method == "PUT");
        });
        await ExpectAsync(proxy.Url, Verdict.Problem, "answers an upload itself, with 405");
    }

    [Fact]
    public async Task A_proxy_that_keeps_bodies_until_they_are_complete_is_noticed()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _examination.Examined = _examination.Examined with { Time = time };
        await using FakeProxy proxy = await FakeProxy.StartAsync(_server.S3Url, async (_, context) =>
        {
            if (context.Request.Method != "PUT")
            {
                return false;
            }

            // What was sent of the body has arrived: now nothing comes back however long one waits.
            byte[] some = new byte[64 << 10];
            await context.Request.Body.ReadExactlyAsync(some, context.RequestAborted);
            time.Advance(TimeSpan.FromSeconds(11));
            try
            {
                await context.Request.Body.ReadExactlyAsync(some, context.RequestAborted);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The doctor has left.
            }

            return true;
        });
        await ExpectAsync(proxy.Url, Verdict.Warning, "keeps bodies until they are complete");
    }

    [Fact]
    public async Task A_proxy_that_answers_100_but_passes_bodies_on_is_right()
    {
        await using FakeProxy proxy = await FakeProxy.StartAsync(_server.S3Url, static async (_, context) =>
        {
            if (context.Request.Method == "PUT")
            {
                await context.Request.Body.ReadExactlyAsync(new byte[1], context.RequestAborted);
            }

            return false;
        });
        await ExpectAsync(proxy.Url, Verdict.Ok, "the proxy answers Expect: 100-continue itself");
    }

    [Fact]
    public async Task What_is_no_S3_endpoint_or_is_not_reached_is_a_problem()
    {
        await using FakeProxy proxy = await FakeProxy.StartAsync(_server.S3Url, static async (_, context) =>
        {
            await context.Response.WriteAsync("Welcome");
            return true;
        });
        await ExpectAsync(proxy.Url, Verdict.Problem, "but not as S3");
        await ExpectAsync(new Uri($"http://127.0.0.1:{FreePort.Next()}"), Verdict.Problem, "cannot be reached");
    }

    [Fact]
    public async Task A_clock_that_is_off_is_noticed()
    {
        _examination.Examined = _examination.Examined with { Time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(1)) };
        await ExpectAsync(new Uri(_server.S3Url), Verdict.Warning, "the clock there is -60 minutes off");
    }

    [Fact]
    public async Task Signatures_are_not_judged_without_a_key_of_the_server()
    {
        _examination.Examined = _examination.Examined with { Key = new RootKey("UNKNOWNKEY", "unknown-secret") };
        await ExpectAsync(new Uri(_server.S3Url), Verdict.Skipped, "the access key is refused (InvalidAccessKeyId)");
        _examination.Examined = _examination.Examined with { Key = null };
        await ExpectAsync(new Uri(_server.S3Url), Verdict.Skipped, "whether signatures survive");
    }

    [Fact]
    public async Task Settings_that_do_not_fit_the_address_are_said()
    {
        _examination.Set(new() { ["--external-url"] = ["https://s3.example.com"] });
        await ExpectAsync(new Uri(_server.S3Url), Verdict.Warning, "--external-url names s3.example.com, but clients use 127.0.0.1");
        _examination.Set([]);
        await ExpectAsync(new Uri(_server.S3Url + "/s3"), Verdict.Problem, "the URL has a path (/s3)");
    }

    private async Task AllRightAsync(Uri url)
    {
        _examination.Examined = _examination.Examined with { Public = url };
        IReadOnlyList<Finding> findings = await _examination.RunAsync(new ProxyCheck());
        Assert.All(findings, finding => Assert.True(finding.Verdict == Verdict.Ok, finding.ToString()));
        Assert.Equal(3, findings.Count);
    }

    private Task ExpectAsync(Uri url, Verdict verdict, string found)
    {
        _examination.Examined = _examination.Examined with { Public = url };
        return _examination.ExpectAmongAsync(new ProxyCheck(), verdict, found);
    }
}
