using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Server.Requests;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Control;

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

    [Fact]
    public async Task Why_a_request_was_denied_is_told_to_the_owner_and_not_to_the_sender()
    {
        string bobs = await SendAsync(_bob, HttpMethod.Get, "key", 403);
        JsonElement told = await ExplainedAsync(_acme, bobs);
        Assert.Equal(("nothing", "denied"), (Text(told.GetProperty("denial"), "by"), Text(told.GetProperty("denial"), "decision")));
        JsonElement own = await ExplainedAsync(_bob, bobs);
        Assert.Equal("AccessDenied", Text(own, "error"));
        Assert.False(own.TryGetProperty("denial", out _));

        string eves = await SendAsync(_eve, HttpMethod.Get, "key", 403);
        Assert.Equal("arn:aws:iam::globex:user/eve", Text(await ExplainedAsync(_acme, eves), "requester"));
        Assert.False((await ExplainedAsync(_eve, eves)).TryGetProperty("denial", out _));
        await RefusedAsync(_bob, eves);
        await RefusedAsync(_globex, eves);

        using var client = new HttpClient();
        using HttpResponseMessage anonymous = await client.GetAsync(new Uri(_server.S3Url + "/data/key"), Token);
        string nobodys = anonymous.Headers.GetValues("x-amz-request-id").Single();
        Assert.Equal("anonymous", Text((await ExplainedAsync(_acme, nobodys)).GetProperty("denial"), "principal"));
        await RefusedAsync(_globex, nobodys);
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
        await SendAsync(_eve, HttpMethod.Get, "key", 403);
        string last = await SendAsync(_acme, HttpMethod.Put, "key", 200, new byte[3]);
        using var own = new RawS3Client(Endpoint(_globex));
        await own.CreateBucketAsync("globex-bucket");
        JsonElement eves = Parse(await acmes.UntilAsync(line => line.Contains("user/eve", StringComparison.Ordinal)));
        Assert.Equal(("", "AccessDenied"), (Text(eves, "accessKey"), Text(eves, "error")));
        await acmes.UntilAsync(line => line.Contains(last, StringComparison.Ordinal));
        await globexs.UntilAsync(line => line.Contains("globex-bucket", StringComparison.Ordinal));
        await all.UntilAsync(line => line.Contains("globex-bucket", StringComparison.Ordinal));
        Assert.Equal(3, all.Lines.Count);
        Assert.Equal(2, acmes.Lines.Count);
        Assert.Single(globexs.Lines);
        Assert.Equal(_eve.Id, Text(Parse(all.Lines[0]), "accessKey"));

        await using var bobs = new TraceReader(_server.Url);
        Assert.Equal(HttpStatusCode.Forbidden, await bobs.StartAsync(_bob, "/api/trace", Token));
    }

    [Theory]
    [InlineData("operation=PutObject,headobject", "PutObject")]
    [InlineData("status=404", "GetObject")]
    [InlineData("status=4xx", "GetObject")]
    [InlineData("status=error", "GetObject")]
    [InlineData("bucket=data&prefix=other", "GetObject")]
    [InlineData("minMilliseconds=600000", "")]
    [InlineData("bucket=none", "")]
    public async Task A_watcher_may_filter(string query, string shown)
    {
        await using var reader = new TraceReader(_server.Url);
        await using var end = new TraceReader(_server.Url);
        await reader.StartAsync(_acme, "/api/trace?" + query, Token);
        await end.StartAsync(_acme, "/api/trace?operation=DeleteObject", Token);
        await SendAsync(_acme, HttpMethod.Put, "key", 200, new byte[3]);
        await SendAsync(_acme, HttpMethod.Get, "other", 404);
        await SendAsync(_acme, HttpMethod.Delete, "key", 204);
        await end.UntilAsync(static _ => true);
        if (shown.Length > 0)
        {
            await reader.UntilAsync(line => line.Contains(shown, StringComparison.Ordinal));
        }

        Assert.Equal(shown.Length > 0 ? 1 : 0, reader.Lines.Count);
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

    private static JsonElement Parse(string line) => JsonDocument.Parse(line).RootElement.Clone();

    private static string Text(JsonElement element, string member) => element.TryGetProperty(member, out JsonElement value) ? value.GetString()! : "";
}
