using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Samples;
using Tarn.Server.Requests;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Control;

namespace Tarn.Tests.Requests;

/// <summary>Recent requests, rates and samples, after real requests, as each requester sees them.</summary>
public sealed class RequestApiTests : IAsyncLifetime
{
    private ControlServer _server = null!;
    private Signer _acme = null!;
    private Signer _alice = null!;
    private Signer _other = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
        _other = await _server.OrganizationAsync("other");
        _alice = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_request_is_shown_with_what_was_asked_and_how_it_ended()
    {
        await S3Async(_acme, HttpMethod.Put, "files");
        await S3Async(_acme, HttpMethod.Put, "files", "a b/é", new byte[300]);
        RawS3Response got = await S3Async(_acme, HttpMethod.Get, "files", "a b/é");
        RawS3Response missing = await S3Async(_acme, HttpMethod.Get, "files", "none");
        JsonElement[] shown = await ListAsync(_acme, "");
        Assert.Equal(["GetObject 404", "GetObject 200", "PutObject 200", "CreateBucket 200"], shown.Select(static one => $"{one.GetProperty("operation")} {one.GetProperty("status")}"));
        JsonElement get = shown[1];
        Assert.Equal(("files", "a b/é", "GET", 300, 0, "127.0.0.1"), (
            get.GetProperty("bucket").GetString(), get.GetProperty("key").GetString(), get.GetProperty("method").GetString(),
            get.GetProperty("bytesOut").GetInt64(), get.GetProperty("bytesIn").GetInt64(), get.GetProperty("remote").GetString()));
        Assert.Equal(got.Header("x-amz-request-id"), get.GetProperty("requestId").GetString());
        Assert.True(get.GetProperty("firstByteMilliseconds").GetDouble() <= get.GetProperty("milliseconds").GetDouble());
        Assert.Equal("arn:aws:iam::acme:root", get.GetProperty("requester").GetString());
        Assert.Equal(300, shown[2].GetProperty("bytesIn").GetInt64());
        Assert.Equal("NoSuchKey", shown[0].GetProperty("error").GetString());
        Assert.Equal(missing.Header("x-amz-request-id"), Assert.Single(await ListAsync(_acme, "status=4xx")).GetProperty("requestId").GetString());
        Assert.Single(await ListAsync(_acme, "status=404&operation=GetObject&bucket=files"));
        Assert.Empty(await ListAsync(_acme, "bucket=elsewhere"));
        Assert.Single(await ListAsync(_acme, $"requestId={got.Header("x-amz-request-id")}"));
    }

    [Fact]
    public async Task Root_users_see_requests_to_their_buckets_and_everybody_sees_only_their_own()
    {
        await S3Async(_acme, HttpMethod.Put, "acme-files");
        await S3Async(_other, HttpMethod.Put, "other-files");
        string denied = (await S3Async(_other, HttpMethod.Get, "acme-files", "secret")).Header("x-amz-request-id")!;
        string of = (await S3Async(_alice, HttpMethod.Get, "acme-files", "hers")).Header("x-amz-request-id")!;
        string listing = (await S3Async(_alice, HttpMethod.Get, null)).Header("x-amz-request-id")!;
        using var anonymous = new HttpClient();
        string unsigned = (await anonymous.GetAsync(new Uri($"{_server.S3Url}/acme-files/open"), Token)).Headers.GetValues("x-amz-request-id").Single();
        string nobodys = (await anonymous.GetAsync(new Uri($"{_server.S3Url}/no-such-bucket/k"), Token)).Headers.GetValues("x-amz-request-id").Single();
        await KeptAsync(unsigned);
        await KeptAsync(nobodys);
        string forged = (await S3Async(_acme with { Secret = "wrong" }, HttpMethod.Get, "acme-files", "k")).Header("x-amz-request-id")!;

        string[] acme = await IdsAsync(_acme), other = await IdsAsync(_other), alice = await IdsAsync(_alice), root = await IdsAsync(ControlServer.Root);
        Assert.Equal(5, acme.Length);
        Assert.All([denied, of, unsigned, forged], id => Assert.Contains(id, acme));
        Assert.DoesNotContain(listing, acme);
        Assert.Equal([denied], other.SkipLast(1));
        Assert.Equal([listing, of], alice);
        Assert.Equal([nobodys], root);
        await _server.RefusalAsync(401, null, "GET", "/api/requests");
    }

    [Fact]
    public async Task Pages_continue_where_they_ended_and_wrong_parameters_are_refused()
    {
        await S3Async(_acme, HttpMethod.Put, "files");
        for (int i = 0; i < 5; i++)
        {
            await S3Async(_acme, HttpMethod.Get, "files", $"k{i}");
        }

        JsonElement first = await _server.DataAsync(_acme, "GET", "/api/requests?limit=4");
        Assert.Equal(["k4", "k3", "k2", "k1"], Keys(first));
        await S3Async(_acme, HttpMethod.Get, "files", "meanwhile");
        JsonElement second = await _server.DataAsync(_acme, "GET", $"/api/requests?limit=4&cursor={first.GetProperty("nextCursor")}");
        Assert.Equal(["k0", null], Keys(second));
        Assert.False(second.TryGetProperty("nextCursor", out _));
        Assert.Empty(Keys(await _server.DataAsync(_acme, "GET", "/api/requests?cursor=0000000000000000")));
        Assert.Equal(10_000, second.GetProperty("capacity").GetInt32());
        foreach (string query in (string[])["status=abc", "status=6xx", "status=99", "limit=0"])
        {
            await _server.RefusalAsync(400, _acme, "GET", "/api/requests?" + query);
        }
    }

    [Fact]
    public async Task A_use_of_a_share_link_is_shown_to_the_owner_without_its_token()
    {
        await S3Async(_acme, HttpMethod.Put, "files");
        await S3Async(_acme, HttpMethod.Put, "files", "shared", new byte[20]);
        JsonElement link = await _server.DataAsync(_acme, "POST", "/api/shares", """{"bucket":"files","key":"shared"}""");
        using var anonymous = new HttpClient();
        Assert.Equal(20, (await anonymous.GetByteArrayAsync(new Uri(link.GetProperty("url").GetString()!), Token)).Length);
        RecentRequests kept = _server.Services.GetRequiredService<RecentRequests>();
        while (!kept.NewestFirst().Any(static one => one.Operation == "SharedFile"))
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        JsonElement use = Assert.Single(await ListAsync(_acme, "operation=SharedFile"));
        Assert.Equal(("files", "shared", 20), (use.GetProperty("bucket").GetString(), use.GetProperty("key").GetString(), use.GetProperty("bytesOut").GetInt32()));
        string token = link.GetProperty("url").GetString()!.Split('/')[^1];
        Assert.DoesNotContain(token, use.GetRawText(), StringComparison.Ordinal);
        Assert.Empty(await ListAsync(_other, ""));
    }

    [Fact]
    public async Task Rates_are_for_the_servers_root_user()
    {
        JsonElement rates = await _server.DataAsync(ControlServer.Root, "GET", "/api/rates?seconds=5");
        Assert.True(rates.GetProperty("rates").GetArrayLength() <= 5);
        Assert.Equal(0, rates.GetProperty("inFlight").GetInt32());
        await _server.RefusalAsync(403, _acme, "GET", "/api/rates");
        await _server.RefusalAsync(400, ControlServer.Root, "GET", "/api/rates?seconds=601");
        await _server.RefusalAsync(400, ControlServer.Root, "GET", "/api/rates?seconds=0");
    }

    [Fact]
    public async Task Samples_are_for_the_root_of_the_owner_and_the_servers()
    {
        await S3Async(_acme, HttpMethod.Put, "files");
        await S3Async(_acme, HttpMethod.Put, "files", "k", new byte[300]);
        await S3Async(_other, HttpMethod.Get, "files", "k");
        SampleWorker worker = _server.Services.GetRequiredService<SampleWorker>();
        uint hour = SampleStep.Hour.NumberOf(TimeProvider.System.GetUtcNow());
        await worker.WriteAsync(hour + 1, rests: false, static e => throw e, Token);

        JsonElement sample = Assert.Single((await _server.DataAsync(_acme, "GET", "/api/buckets/files/samples")).GetProperty("samples").EnumerateArray());
        Assert.Equal((1, 300, 2, 1, 300), (
            sample.GetProperty("objects").GetInt32(), sample.GetProperty("bytes").GetInt32(), sample.GetProperty("requests").GetInt32(),
            sample.GetProperty("errors").GetInt32(), sample.GetProperty("bytesIn").GetInt32()));

        // The hour of the server's start, which may have been the one before.
        Assert.InRange(sample.GetProperty("time").GetDateTimeOffset(), SampleStep.Hour.StartOf(hour - 1), SampleStep.Hour.StartOf(hour));
        JsonElement day = await _server.DataAsync(ControlServer.Root, "GET", "/api/buckets/files/samples?step=day");
        Assert.Equal((86_400, 1), (day.GetProperty("stepSeconds").GetInt32(), day.GetProperty("samples").GetArrayLength()));
        Assert.Equal(0, (await _server.DataAsync(_acme, "GET", "/api/buckets/files/samples?from=2020-01-01&to=2020-02-01T12:00:00Z")).GetProperty("samples").GetArrayLength());

        await _server.RefusalAsync(404, _other, "GET", "/api/buckets/files/samples");
        await _server.RefusalAsync(404, _acme, "GET", "/api/buckets/NOT_ONE/samples");
        await _server.RefusalAsync(404, _alice, "GET", "/api/buckets/files/samples");
        foreach (string query in (string[])["step=week", "from=yesterday", "to=1900-01-01", "from=2026-01-02&to=2026-01-01", "cursor=x"])
        {
            await _server.RefusalAsync(400, _acme, "GET", "/api/buckets/files/samples?" + query);
        }
    }

    [Fact]
    public async Task Pages_of_samples_continue_where_they_ended()
    {
        await S3Async(_acme, HttpMethod.Put, "files");
        SampleWorker worker = _server.Services.GetRequiredService<SampleWorker>();
        uint hour = SampleStep.Hour.NumberOf(TimeProvider.System.GetUtcNow());
        for (uint next = hour + 1; next <= hour + 5; next++)
        {
            await worker.WriteAsync(next, rests: false, static e => throw e, Token);
        }

        // The first hour is that of the server's start, which may have been the one before.
        string range = $"from={Text(hour - 1)}&to={Text(hour + 4)}&limit=2";
        List<DateTimeOffset> read = [];
        List<int> pages = [];
        for (string? query = range; query is not null;)
        {
            JsonElement page = await _server.DataAsync(_acme, "GET", "/api/buckets/files/samples?" + query);
            pages.Add(page.GetProperty("samples").GetArrayLength());
            read.AddRange(page.GetProperty("samples").EnumerateArray().Select(static sample => sample.GetProperty("time").GetDateTimeOffset()));
            query = page.TryGetProperty("nextCursor", out JsonElement cursor) ? $"{range}&cursor={cursor}" : null;
        }

        Assert.Equal([2, 2, 1], pages);
        Assert.Equal(Enumerable.Range(1, 4).Select(at => SampleStep.Hour.StartOf((uint)(hour + at))), read.Skip(1));
        Assert.InRange(read[0], SampleStep.Hour.StartOf(hour - 1), SampleStep.Hour.StartOf(hour));

        static string Text(uint hour) => SampleStep.Hour.StartOf(hour).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task An_organization_that_has_the_name_of_an_earlier_one_sees_nothing_of_it()
    {
        Signer earlier = await _server.OrganizationAsync("again");
        await S3Async(earlier, HttpMethod.Get, null);
        Assert.Single(await ListAsync(earlier, ""));
        await _server.DataAsync(ControlServer.Root, "DELETE", "/api/organizations/again");
        Assert.Empty(await ListAsync(await _server.OrganizationAsync("again"), ""));
    }

    private async Task<RawS3Response> S3Async(Signer signer, HttpMethod method, string? bucket, string? key = null, byte[]? body = null)
    {
        using var client = new RawS3Client(new TarnEndpoint(new Uri(_server.S3Url), signer.Id!, signer.Secret));
        RawS3Response response = await client.SendAsync(method, bucket, key, body: body);
        await KeptAsync(response.Header("x-amz-request-id")!);
        return response;
    }

    /// <summary>Waits until a request is kept, which it is after its answer.</summary>
    private async Task KeptAsync(string id)
    {
        RecentRequests kept = _server.Services.GetRequiredService<RecentRequests>();
        while (!kept.NewestFirst().Any(one => one.RequestId == id))
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<JsonElement[]> ListAsync(Signer signer, string query) =>
        [.. (await _server.DataAsync(signer, "GET", "/api/requests?" + query)).GetProperty("requests").EnumerateArray()];

    private async Task<string[]> IdsAsync(Signer signer) => [.. (await ListAsync(signer, "")).Select(static one => one.GetProperty("requestId").GetString()!)];

    private static IEnumerable<string?> Keys(JsonElement page) => page.GetProperty("requests").EnumerateArray().Select(static one => one.TryGetProperty("key", out JsonElement key) ? key.GetString() : null);
}
