using System.Net;
using System.Text.Json;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Signing;

namespace Tarn.Clients;

/// <summary>Identities through the program itself: its commands, a server of its own, and S3 with the keys they create.</summary>
public sealed class IdentityTests : IAsyncLifetime
{
    private TarnServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TarnServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_organization_owns_buckets_until_its_key_is_revoked_and_all_of_it_survives_a_restart()
    {
        JsonElement made = await TarnAsync("org", "create", "acme", "--access-key", "acmes-own-key", "--secret-key", "acmes/own+secret");
        using RawS3Client acme = As(made);
        await acme.CreateBucketAsync("acmes");
        (await acme.PutAsync("acmes", "k", "v"u8.ToArray())).Expect();
        JsonElement other = await TarnAsync("org", "create", "other");
        using RawS3Client stranger = As(other);
        Assert.Equal(HttpStatusCode.Forbidden, (await stranger.GetAsync("acmes", "k")).Status);

        await _server.StopAsync();
        await _server.RestartAsync();
        Assert.Equal("v", (await acme.GetAsync("acmes", "k")).Expect().Text);
        ProgramResult refused = await new TarnCommands(_server).RunAsync("org", "delete", "acme");
        Assert.Equal((1, "tarn: organization 'acme' owns buckets: delete them first (409)\n"), (refused.ExitCode, refused.StandardError));

        JsonElement rotated = await TarnAsync("key", "rotate", "acmes-own-key");
        RawS3Response old = await acme.GetAsync("acmes", "k");
        Assert.Equal((HttpStatusCode.Forbidden, "SignatureDoesNotMatch"), (old.Status, old.ErrorCode));
        using RawS3Client renewed = As(rotated);
        Assert.Equal("v", (await renewed.GetAsync("acmes", "k")).Expect().Text);
        await TarnAsync("key", "revoke", "acmes-own-key");
        RawS3Response gone = await renewed.GetAsync("acmes", "k");
        Assert.Equal((HttpStatusCode.Forbidden, "InvalidAccessKeyId"), (gone.Status, gone.ErrorCode));
    }

    [Fact]
    public async Task A_signature_for_the_control_api_is_none_for_s3()
    {
        using var client = new HttpClient();
        foreach ((string service, HttpStatusCode expected) in new[] { ("s3", HttpStatusCode.OK), ("tarn", HttpStatusCode.BadRequest) })
        {
            var signer = new SigV4TestSigner(_server.Endpoint.AccessKey, _server.Endpoint.SecretKey, service: service);
            using var request = new HttpRequestMessage(HttpMethod.Get, _server.Endpoint.S3);
            var headers = new Dictionary<string, string> { ["host"] = _server.Endpoint.S3.Authority };
            foreach ((string name, string value) in signer.SignHeaders("GET", "/", headers, [], DateTimeOffset.UtcNow))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_store_without_its_master_key_does_not_start_and_says_why()
    {
        await TarnAsync("org", "create", "acme");
        await _server.StopAsync();
        string file = Path.Combine(_server.DataDirectory, "master.key");
        string key = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        File.Delete(file);
        Assert.Contains("tarn: the master key is missing", (await Assert.ThrowsAsync<InvalidOperationException>(_server.RestartAsync)).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, new string('x', 64), TestContext.Current.CancellationToken);
        Assert.Contains("is not the master key that", (await Assert.ThrowsAsync<InvalidOperationException>(_server.RestartAsync)).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, key, TestContext.Current.CancellationToken);
        await _server.RestartAsync();
        Assert.Equal("acme", (await TarnAsync("org", "show", "acme")).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Without_credentials_a_command_says_what_is_missing()
    {
        ProgramResult result = await new TarnCommands(_server).RunAsync(asRoot: false, "org", "list");
        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.StandardOutput);
        Assert.StartsWith("tarn: no credentials: set TARN_API_KEY", result.StandardError, StringComparison.Ordinal);
    }

    private RawS3Client As(JsonElement made) => new(_server.Endpoint with
    {
        AccessKey = made.GetProperty("accessKey").GetString()!, SecretKey = made.GetProperty("secretKey").GetString()!,
    });

    private Task<JsonElement> TarnAsync(params string[] arguments) => new TarnCommands(_server).ReadAsync(arguments);
}
