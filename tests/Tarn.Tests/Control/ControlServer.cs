using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.S3.Access;
using Tarn.S3.Auth;
using Tarn.Server.Control;
using Tarn.Server.Control.Archil;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Hosting;
using Tarn.TestKit.Hosting;

namespace Tarn.Tests.Control;

/// <summary>The control API over real sockets, its store in memory.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private readonly ControlApiClient _client;
    private readonly InProcessServer _server;

    private ControlServer(InProcessServer server)
    {
        _server = server;
        _client = new ControlApiClient(server.ControlUrl);
    }

    /// <summary>The server's root key: <c>ROOTKEY</c>, <c>root-secret</c>.</summary>
    public static Signer Root { get; } = new("ROOTKEY", "root-secret");

    public IdentityStore Identity => _server.Get<IdentityStore>();

    public ICredentialSource Credentials => _server.Get<ICredentialSource>();

    /// <summary>The services of the host.</summary>
    public IServiceProvider Services => _server.Services;

    /// <summary>The latest ten denials of requests to <see cref="S3Url"/>.</summary>
    public DenialLog Denials => _server.Get<DenialLog>();

    public string Url => _server.ControlUrl;

    /// <summary>The S3 endpoint beside it.</summary>
    public string S3Url => _server.S3Url;

    public static async Task<ControlServer> StartAsync() => new(await InProcessServer.StartAsync(new InProcessSetup
    {
        More = static builder => builder.Services
            .AddSingleton(new DenialLog(10))
            .RemoveAll<ControlMap>()
            .AddSingleton<ControlMap>(MapWithSamples),
    }));

    /// <summary>The endpoints that authenticate the requester: <c>GET /api/keys/{id}</c>.</summary>
    public static string[] EndpointsOf(IServiceProvider services) =>
        [.. ControlEndpoint.Mapped(services).Where(endpoint => endpoint.IsAuthenticated && endpoint.IsDescribed).Select(endpoint => endpoint.Name)];

    /// <summary>Starts a server with additional endpoints: one that echoes, and two that fail.</summary>
    private static void MapWithSamples(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder api = routes.MapTarnControl();
        api.MapPost("/api/echo", (ControlRequest request) => new Data<MessageView>(new MessageView(Encoding.UTF8.GetString(request.Body.Span)))).ExcludeFromDescription();
        api.MapPost("/api/fail-store", IResult (ControlRequest _) => throw new StoreFailedException("inside")).ExcludeFromDescription();
        api.MapPost("/api/fail", IResult (ControlRequest _) => throw new InvalidOperationException("inside")).ExcludeFromDescription();
    }

    public Task<(int Status, JsonElement Body)> SendAsync(Signer? signer, string method, string path, string? body = null) =>
        _client.SendAsync(signer, method, path, body);

    public Task<(int Status, JsonElement Body)> SendAsync(HttpRequestMessage request) => _client.SendAsync(request);

    public Task<JsonElement> DataAsync(Signer signer, string method, string path, string? body = null) => _client.DataAsync(signer, method, path, body);

    public Task<string> RefusalAsync(int expected, Signer? signer, string method, string path, string? body = null) =>
        _client.RefusalAsync(expected, signer, method, path, body);

    public Task<Signer> OrganizationAsync(string name) => _client.OrganizationAsync(name);

    public Task<Signer> SignInAsync(Signer signer) => _client.SignInAsync(signer);

    /// <inheritdoc cref="InProcessServer.StopAsync"/>
    public Task StopAsync() => _server.StopAsync();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }
}

/// <summary>The credentials of a request: an access key or a token.</summary>
internal sealed record Signer(string? Id, string Secret)
{
    /// <summary>What a page of the console keeps, to prove that it began its session.</summary>
    public const string Proof = "the-proof-of-the-page-that-began-a-session8";

    /// <summary>What the server keeps of <see cref="Proof"/>.</summary>
    public static byte[] ProofHash { get; } = SHA256.HashData(Base64Url.DecodeFromChars(Proof));

    /// <summary>The cookie of a session of the console, which authenticates instead; null for none.</summary>
    public string? Cookie { get; init; }

    /// <summary>The service of the signature; <c>tarn</c> unless a test is about that.</summary>
    public string Service { get; init; } = ControlAuthenticator.Service;

    public static Signer Of(JsonElement made) => new(made.GetProperty("accessKey").GetString(), made.GetProperty("secretKey").GetString()!);

    /// <summary>What a page of the console sends.</summary>
    public static Signer OfCookie(string cookie) => new(null, "") { Cookie = cookie };

    public IReadOnlyList<KeyValuePair<string, string>> Headers(string method, Uri target, byte[] body) =>
        Cookie is not null ? [new("Cookie", Cookie), new("X-Tarn-Console", Proof), new("Sec-Fetch-Site", "same-origin")]
        : Id is null
        ? [new("Authorization", Secret)]
        : RequestSigner.Sign(Id, Secret, Service, method, target, body, TimeProvider.System.GetUtcNow());
}
