using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Model;
using Tarn.S3.Telemetry;
using Tarn.Server.Requests;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Control;
using Tarn.Tests.Control.Console;

namespace Tarn.Tests.Requests;

/// <summary>Asking for a request that has ended, and watching them: <c>acme</c> owns the bucket, <c>bob</c> is its user, <c>globex</c> a stranger.</summary>
public sealed class ExplainedRequestTests : IAsyncLifetime
{
    private ControlServer _server = null!;
    private Signer _acme = null!;
    private Signer _globex = null!;
    private Signer _bob = null!;
    private Signer _eve = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
        _globex = await _server.OrganizationAsync("globex");
        _bob = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"bob"}"""));
        _eve = Signer.Of(await _server.DataAsync(_globex, "POST", "/api/organizations/globex/users", """{"name":"eve"}"""));
        await SendAsync(_acme, HttpMethod.Put, null, 200);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_request_is_explained_to_its_sender_and_to_the_owner_with_all_its_time()
    {
        string id = await SendAsync(_acme, HttpMethod.Put, "key", 200, new byte[100_000]);
        JsonElement told = await ExplainedAsync(_acme, id);
        Assert.Equal(("PutObject", "data", "key", "arn:aws:iam::acme:root", 200, 100_000), (Text(told, "operation"), Text(told, "bucket"), Text(told, "key"), Text(told, "requester"), told.GetProperty("status").GetInt32(), told.GetProperty("bytesIn").GetInt64()));
        Dictionary<string, double> stages = told.GetProperty("stages").EnumerateArray().ToDictionary(stage => Text(stage, "stage"), stage => stage.GetProperty("milliseconds").GetDouble());
        Assert.Superset(new HashSet<string> { "authentication", "authorization", "metadata", "blob", "other" }, stages.Keys.ToHashSet());
        Assert.InRange(stages.Values.Sum(), 0, told.GetProperty("milliseconds").GetDouble() + 0.1);
        Assert.False(told.TryGetProperty("denial", out _));
        Assert.Equal(id, Text(await ExplainedAsync(ControlServer.Root, id), "requestId"));
        await RefusedAsync(_globex, id);
        await RefusedAsync(_bob, id);
        await RefusedAsync(_acme, "0000000000000000");
    }

    /// <summary>A key with a policy asks about what its own sessions sent, and about nothing else of its holder.</summary>
    [Fact]
    public async Task Who_is_signed_in_with_a_limited_key_may_ask_for_what_the_page_sent()
    {
        await SendAsync(_acme, HttpMethod.Put, "key", 200, new byte[3]);
        Signer limited = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/keys", """{"policy":"read-only"}"""));
        Signer other = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/keys", """{"policy":"read-only"}"""));
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.Url, limited);
        using ConsolePage another = await ConsolePage.SignedInAsync(_server.Url, other);
        Assert.Equal(200, (await page.UseAsync(await page.PresignAsync("GET", "data", "key"))).Status);
        RecentRequests kept = _server.Services.GetRequiredService<RecentRequests>();
        FinishedRequest? sent;
        while ((sent = kept.NewestFirst().FirstOrDefault(static one => one.Operation == "GetObject")) is null)
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.NotEqual(limited.Id, sent.Principal?.AccessKeyId);
        Assert.Equal(200, (await page.SendAsync("GET", "/api/requests/" + sent.RequestId)).Status);
        Assert.Equal("key", Text(await ExplainedAsync(limited, sent.RequestId!), "key"));
        Assert.Equal(404, (await another.SendAsync("GET", "/api/requests/" + sent.RequestId)).Status);
        await RefusedAsync(other, sent.RequestId!);
    }

    [Fact]
    public async Task Why_a_request_was_denied_is_told_to_the_owner_and_to_a_sender_of_the_owners_organization()
    {
        string bobs = await SendAsync(_bob, HttpMethod.Get, "key", 403);
        JsonElement told = await ExplainedAsync(_acme, bobs);
        Assert.Equal(("nothing", "denied"), (Text(told.GetProperty("denial"), "by"), Text(told.GetProperty("denial"), "decision")));
        JsonElement own = await ExplainedAsync(_bob, bobs);
        Assert.Equal("AccessDenied", Text(own, "error"));
        Assert.Equal("nothing", Text(own.GetProperty("denial"), "by"));

        string eves = await SendAsync(_eve, HttpMethod.Get, "key", 403);
        Assert.Equal("arn:aws:iam::globex:user/eve", Text(await ExplainedAsync(_acme, eves), "requester"));
        JsonElement hers = await ExplainedAsync(_eve, eves);
        Assert.False(hers.TryGetProperty("denial", out _));
        JsonElement[] shown = [.. hers.GetProperty("stages").EnumerateArray()];
        Assert.All(shown, stage => Assert.False(stage.TryGetProperty("calls", out _)));
        Assert.DoesNotContain(shown, stage => Text(stage, "stage") is "metadata" or "authorization" or "blob");
        Assert.Contains((await ExplainedAsync(_acme, eves)).GetProperty("stages").EnumerateArray(), stage => stage.TryGetProperty("calls", out _));
        await RefusedAsync(_bob, eves);
        await RefusedAsync(_globex, eves);

        using var client = new HttpClient();
        using HttpResponseMessage anonymous = await client.GetAsync(new Uri(_server.S3Url + "/data/key"), Token);
        string nobodys = anonymous.Headers.GetValues("x-amz-request-id").Single();
        Assert.Equal("anonymous", Text((await ExplainedAsync(_acme, nobodys)).GetProperty("denial"), "principal"));
        await RefusedAsync(_globex, nobodys);
    }

    [Fact]
    public async Task Who_may_ask_why_a_request_was_denied_may_ask_for_the_request()
    {
        using var wrong = new RawS3Client(new TarnEndpoint(new Uri(_server.S3Url + "/"), _eve.Id!, "wrong"));
        string id = (await wrong.SendAsync(HttpMethod.Get, "data", "key")).Header("x-amz-request-id")!;
        JsonElement told = await ExplainedAsync(_globex, id);
        Assert.Equal("signature", Text(told.GetProperty("denial"), "by"));
        Assert.Equal("signature", Text(await _server.DataAsync(_globex, "POST", "/api/access/explain", $$"""{"requestId":"{{id}}"}"""), "by"));

        // The key is hers; another user of her organization learns nothing.
        Assert.Equal("signature", Text((await ExplainedAsync(_eve, id)).GetProperty("denial"), "by"));
        await RefusedAsync(Signer.Of(await _server.DataAsync(_globex, "POST", "/api/organizations/globex/users", """{"name":"mallory"}""")), id);
        Assert.False((await ExplainedAsync(_acme, id)).TryGetProperty("denial", out _));
    }

    [Fact]
    public async Task Requests_are_watched_by_the_owner_of_the_bucket_and_by_the_servers_root_user()
    {
        await using var all = new TraceReader(_server.Url);
        await using var acmes = new TraceReader(_server.Url);
        await using var globexs = new TraceReader(_server.Url);
        Assert.Equal(HttpStatusCode.OK, await all.StartAsync(ControlServer.Root, "/api/trace", Token));
        Assert.Equal(HttpStatusCode.OK, await acmes.StartAsync(_acme, "/api/trace", Token));
        Assert.Equal(HttpStatusCode.OK, await globexs.StartAsync(_globex, "/api/trace", Token));

        // Each is waited for before the next is sent: a request is reported after its answer, and watchers are told one after the other.
        string eves = await SendAsync(_eve, HttpMethod.Get, "key", 403);
        await Task.WhenAll(all.UntilAsync(Has(eves)), acmes.UntilAsync(Has(eves)));
        string last = await SendAsync(_acme, HttpMethod.Put, "key", 200, new byte[3]);
        await Task.WhenAll(all.UntilAsync(Has(last)), acmes.UntilAsync(Has(last)));
        using var own = new RawS3Client(Endpoint(_globex));
        await own.CreateBucketAsync("globex-bucket");
        await Task.WhenAll(all.UntilAsync(Has("globex-bucket")), globexs.UntilAsync(Has("globex-bucket")));
        string end = await SendAsync(_acme, HttpMethod.Delete, "key", 204);
        await Task.WhenAll(all.UntilAsync(Has(end)), acmes.UntilAsync(Has(end)));
        Assert.Equal(["GetObject", "PutObject", "CreateBucket", "DeleteObject"], all.Lines.Select(line => Text(Parse(line), "operation")));
        Assert.Equal([eves, last, end], acmes.Lines.Select(line => Text(Parse(line), "requestId")));
        Assert.Equal(["CreateBucket"], globexs.Lines.Select(line => Text(Parse(line), "operation")));
        Assert.Equal(("", "AccessDenied"), (Text(Parse(acmes.Lines[0]), "accessKey"), Text(Parse(acmes.Lines[0]), "error")));
        Assert.Equal(_eve.Id, Text(Parse(all.Lines[0]), "accessKey"));

        await using var bobs = new TraceReader(_server.Url);
        Assert.Equal(HttpStatusCode.Forbidden, await bobs.StartAsync(_bob, "/api/trace", Token));
    }

    [Theory]
    [InlineData("operation=PutObject,headobject")]
    [InlineData("status=404")]
    [InlineData("status=4xx")]
    [InlineData("status=error")]
    [InlineData("bucket=data")]
    [InlineData("prefix=a/")]
    [InlineData("minMilliseconds=600")]
    public async Task A_watcher_may_filter(string query)
    {
        await using var reader = new TraceReader(_server.Url);
        await reader.StartAsync(ControlServer.Root, "/api/trace?" + query, Token);
        string parameter = query.Split('=')[0];
        FinishedRequest wanted = new()
        {
            RequestId = "wanted",
            Started = default,
            Method = "HEAD",
            Operation = "HeadObject",
            Bucket = "data",
            Key = ObjectKey.FromUtf8("a/b"u8.ToArray()),
            Status = 404,
            Total = TimeSpan.FromMilliseconds(600),
        };
        RequestWatchers watchers = _server.Services.GetRequiredService<RequestWatchers>();
        watchers.Add(parameter switch
        {
            "operation" => wanted with { RequestId = "other", Operation = "GetObject" },
            "status" => wanted with { RequestId = "other", Status = 304 },
            "bucket" => wanted with { RequestId = "other", Bucket = "data2" },
            "prefix" => wanted with { RequestId = "other", Key = ObjectKey.FromUtf8("b/a/"u8.ToArray()) },
            _ => wanted with { RequestId = "other", Total = TimeSpan.FromMilliseconds(599) },
        });
        watchers.Add(wanted);
        await reader.UntilAsync(static _ => true);
        Assert.Equal("wanted", Text(Parse(reader.Lines[0]), "requestId"));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("rotated")]
    [InlineData("token")]
    [InlineData("organization")]
    public async Task Who_loses_their_rights_is_shown_no_more_requests(string by)
    {
        JsonElement made = by == "token"
            ? await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"watch"}""")
            : await _server.DataAsync(_acme, "POST", "/api/keys", "{}");
        Signer watching = by == "token" ? new Signer(null, Text(made, "token")) : by == "organization" ? _globex : Signer.Of(made);
        await using var reader = new TraceReader(_server.Url);
        Assert.Equal(HttpStatusCode.OK, await reader.StartAsync(watching, "/api/trace", Token));
        RequestWatchers watchers = _server.Services.GetRequiredService<RequestWatchers>();
        string owner = Text(await _server.DataAsync(ControlServer.Root, "GET", "/api/organizations/" + (by == "organization" ? "globex" : "acme")), "canonicalId");
        var request = new FinishedRequest { RequestId = "before", Started = default, Method = "GET", Status = 200, Total = default, OwnerId = owner };
        watchers.Add(request);
        await reader.UntilAsync(Has("before"));
        await (by switch
        {
            "key" => _server.DataAsync(_acme, "DELETE", "/api/keys/" + Text(made, "accessKey")),
            "rotated" => _server.DataAsync(_acme, "POST", $"/api/keys/{Text(made, "accessKey")}/rotate", "{}"),
            "token" => _server.DataAsync(_acme, "DELETE", "/api/tokens/" + Text(made, "id")),
            _ => DropGlobexAsync(),
        });
        watchers.Add(request with { RequestId = "after" });
        await reader.Ended;
        Assert.Single(reader.Lines);
    }

    private async Task<JsonElement> DropGlobexAsync()
    {
        await _server.DataAsync(_globex, "DELETE", "/api/organizations/globex/users/eve");
        return await _server.DataAsync(ControlServer.Root, "DELETE", "/api/organizations/globex");
    }

    [Theory]
    [InlineData("status=600")]
    [InlineData("status=6xx")]
    [InlineData("minMilliseconds=-1")]
    [InlineData("minMilliseconds=1.5")]
    public async Task A_filter_that_makes_no_sense_is_refused(string query) => await _server.RefusalAsync(400, _acme, "GET", "/api/trace?" + query);

    [Fact]
    public async Task The_number_of_watchers_is_bounded_and_one_that_leaves_makes_room()
    {
        var readers = new List<TraceReader>();
        for (int i = 0; i < RequestWatchers.MaxOfOne; i++)
        {
            readers.Add(new TraceReader(_server.Url));
            Assert.Equal(HttpStatusCode.OK, await readers[i].StartAsync(_acme, "/api/trace", Token));
        }

        Assert.StartsWith("at most 4 of an organization", await _server.RefusalAsync(429, _acme, "GET", "/api/trace"), StringComparison.Ordinal);
        await using var other = new TraceReader(_server.Url);
        Assert.Equal(HttpStatusCode.OK, await other.StartAsync(_globex, "/api/trace", Token));
        foreach (TraceReader reader in readers)
        {
            await reader.DisposeAsync();
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            // The server notices at its next write that a client has left, or when the connection closes.
            await using var again = new TraceReader(_server.Url);
            if (await again.StartAsync(_acme, "/api/trace", limit.Token) == HttpStatusCode.OK)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task Watching_ends_whole_when_the_server_stops()
    {
        await using var reader = new TraceReader(_server.Url);
        await reader.StartAsync(_acme, "/api/trace", Token);
        await _server.StopAsync();
        await reader.Ended;
    }

    private async Task<string> SendAsync(Signer signer, HttpMethod method, string? key, int status, byte[]? body = null)
    {
        using var s3 = new RawS3Client(Endpoint(signer));
        RawS3Response answer = await s3.SendAsync(method, "data", key, body: body);
        Assert.Equal(status, (int)answer.Status);
        return answer.Header("x-amz-request-id")!;
    }

    private TarnEndpoint Endpoint(Signer signer) => new(new Uri(_server.S3Url + "/"), signer.Id!, signer.Secret);

    /// <summary>The request is on record once its answer was sent, which its client may have before.</summary>
    private async Task<JsonElement> ExplainedAsync(Signer signer, string id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!_server.Services.GetRequiredService<RecentRequests>().NewestFirst().Any(request => request.RequestId == id))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return await _server.DataAsync(signer, "GET", "/api/requests/" + id);
    }

    private async Task RefusedAsync(Signer signer, string id) =>
        Assert.Equal($"there is no request '{id}' among the latest {_server.Services.GetRequiredService<RecentRequests>().Capacity}, or none that you may ask about", await _server.RefusalAsync(404, signer, "GET", "/api/requests/" + id));

    private static Func<string, bool> Has(string text) => line => line.Contains(text, StringComparison.Ordinal);

    private static JsonElement Parse(string line) => JsonDocument.Parse(line).RootElement.Clone();

    private static string Text(JsonElement element, string member) => element.TryGetProperty(member, out JsonElement value) ? value.GetString()! : "";
}
