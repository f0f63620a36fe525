using System.Text.Json;
using Tarn.Server.Control;

namespace Tarn.Tests.Control;

/// <summary>What all endpoints of the control API have in common: who may ask, the envelope, refusals.</summary>
public sealed class ControlApiTests : IAsyncLifetime
{
    private ControlServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ControlServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Nobody_and_who_cannot_prove_it_is_refused()
    {
        Assert.Contains("authentication is required", await _server.RefusalAsync(401, null, "GET", "/api/organizations"), StringComparison.Ordinal);
        await _server.RefusalAsync(401, ControlServer.Root with { Secret = "wrong-secret" }, "GET", "/api/organizations");
        await _server.RefusalAsync(401, ControlServer.Root with { Id = "NOBODY" }, "GET", "/api/organizations");
        await _server.RefusalAsync(401, new Signer(null, "key-nope"), "GET", "/api/organizations");
        await _server.RefusalAsync(401, new Signer(null, "Bearer key-nope"), "GET", "/api/organizations");
        await _server.RefusalAsync(401, new Signer(null, "Basic cm9vdDpyb290"), "GET", "/api/organizations");
    }

    [Fact]
    public async Task A_signature_for_s3_is_none_for_the_control_api() => Assert.Contains(
        "This endpoint belongs to \"tarn\"",
        await _server.RefusalAsync(401, ControlServer.Root with { Service = "s3" }, "GET", "/api/organizations"),
        StringComparison.Ordinal);

    [Fact]
    public async Task The_body_must_be_the_one_that_was_signed()
    {
        JsonElement echoed = await _server.DataAsync(ControlServer.Root, "POST", "/api/echo", "as signed");
        Assert.Equal("as signed", echoed.GetProperty("message").GetString());
        var target = new Uri(_server.Url + "/api/echo");
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new StringContent("as sent") };
        foreach ((string name, string value) in ControlServer.Root.Headers("POST", target, "as signed"u8.ToArray()))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        (int status, JsonElement answer) = await _server.SendAsync(request);
        Assert.Equal((401, "the body is not the one that was signed"), (status, answer.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task A_body_beyond_the_bound_is_refused() =>
        await _server.RefusalAsync(413, ControlServer.Root, "POST", "/api/echo", new string('x', ControlBodyReader.MaxLength + 1));

    [Fact]
    public async Task A_failure_says_nothing_of_what_is_inside() => Assert.DoesNotContain(
        "inside", await _server.RefusalAsync(500, ControlServer.Root, "POST", "/api/fail"), StringComparison.Ordinal);

    [Fact]
    public async Task A_store_that_takes_no_writes_is_not_the_requests_fault() => Assert.Equal(
        "the server's metadata store failed and accepts no writes until the server is restarted",
        await _server.RefusalAsync(503, ControlServer.Root, "POST", "/api/fail-store"));

    [Theory]
    [InlineData("GET", "/api/nothing")]
    [InlineData("PATCH", "/api/organizations")]
    public async Task What_is_no_endpoint_is_refused(string method, string path) =>
        Assert.Contains("there is no endpoint", await _server.RefusalAsync(404, ControlServer.Root, method, path), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"name":1}""")]
    [InlineData("""{"name":null}""")]
    [InlineData("""{"name":"a","colour":"red"}""")]
    [InlineData("""{"name":"a","name":"b"}""")]
    [InlineData("""{"name":"a/b"}""")]
    [InlineData("""{"name":"\ud800"}""")]
    public async Task Bad_bodies_are_refused_and_make_nothing(string body)
    {
        await _server.RefusalAsync(400, ControlServer.Root, "POST", "/api/organizations", body);
        JsonElement list = await _server.DataAsync(ControlServer.Root, "GET", "/api/organizations");
        Assert.Equal(1, list.GetProperty("organizations").GetArrayLength());
    }

    [Theory]
    [InlineData("POST", "/api/organizations", "{")]
    [InlineData("GET", "/api/organizations?limit=x", null)]
    [InlineData("DELETE", "/api/disks/dsk-0/users/s3", null)]
    public async Task Nothing_of_a_request_is_judged_before_its_sender_is_known(string method, string path, string? body) => Assert.Contains(
        "authentication is required", await _server.RefusalAsync(401, null, method, path, body), StringComparison.Ordinal);

    [Fact]
    public async Task A_body_is_taken_whatever_its_media_type()
    {
        var target = new Uri(_server.Url + "/api/organizations");
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new StringContent("""{"name":"acme"}""") };
        Assert.Equal("text/plain", request.Content.Headers.ContentType?.MediaType);
        foreach ((string name, string value) in ControlServer.Root.Headers("POST", target, """{"name":"acme"}"""u8.ToArray()))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        (int status, _) = await _server.SendAsync(request);
        Assert.Equal(201, status);
    }

    [Theory]
    [InlineData("/api/organizations/root/users", """{"name":"a","groups":[null]}""")]
    [InlineData("/api/organizations/root/users", """{"name":"a","groups":"b"}""")]
    [InlineData("/api/keys", """{"accessKey":"abc"}""")]
    [InlineData("/v1/cwobject/revoke-access-key/access-key", "{}")]
    [InlineData("/v1/cwobject/revoke-access-key/principal", """{"principalName":null}""")]
    [InlineData("/api/tokens", "{}")]
    public async Task Incomplete_bodies_are_refused(string path, string body) => await _server.RefusalAsync(400, ControlServer.Root, "POST", path, body);

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("limit=x")]
    [InlineData("limit=1&limit=2")]
    public async Task Bad_parameters_are_refused(string query) =>
        await _server.RefusalAsync(400, ControlServer.Root, "GET", "/api/organizations?" + query);

    [Fact]
    public async Task Health_and_metrics_stay_open()
    {
        using var client = new HttpClient();
        Assert.Equal("live\n", await client.GetStringAsync(_server.Url + "/health/live", TestContext.Current.CancellationToken));
        Assert.NotEmpty(await client.GetStringAsync(_server.Url + "/metrics", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_key_of_a_disk_opens_nothing_here()
    {
        await _server.OrganizationAsync("acme");
        var key = await _server.Identity.Keys.CreateAsync(
            "acme", null, new Tarn.Core.Identity.AccessKeyRequest { DiskScope = "dsk-0" }, TestContext.Current.CancellationToken);
        await _server.RefusalAsync(403, new Signer(key.Key.Id, key.SecretKey), "GET", "/api/organizations");
    }

    [Fact]
    public async Task Names_of_other_scripts_go_through_paths_and_back()
    {
        Signer acme = await _server.OrganizationAsync("a+b=c@d.e");
        JsonElement shown = await _server.DataAsync(acme, "GET", "/api/organizations/" + Uri.EscapeDataString("a+b=c@d.e"));
        Assert.Equal("a+b=c@d.e", shown.GetProperty("name").GetString());
    }
}
