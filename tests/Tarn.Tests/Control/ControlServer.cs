using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Core;
using Tarn.Core.Access;
using Tarn.Core.Blobs;
using Tarn.Core.Disks;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Sharing;
using Tarn.Core.Storage;
using Tarn.S3;
using Tarn.S3.Access;
using Tarn.S3.Auth;
using Tarn.S3.Sharing;
using Tarn.Server.Control;
using Tarn.Server.Control.Archil;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Hosting;
using Tarn.Tests.Identity;
using Tarn.Tests.Server;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Control;

/// <summary>The control API over real sockets, its store in memory.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private readonly ControlApiClient _client;
    private readonly TarnHost _host;

    private ControlServer(IdentityFixture identity, DenialLog denials, TarnHost host)
    {
        Identity = identity;
        Denials = denials;
        _host = host;
        _client = new ControlApiClient(host.ControlUrl);
    }

    /// <summary>The server's root key: <c>ROOTKEY</c>, <c>root-secret</c>.</summary>
    public static Signer Root { get; } = new("ROOTKEY", "root-secret");

    public IdentityFixture Identity { get; }

    /// <summary>Why requests to <see cref="S3Url"/> were denied: the latest ten.</summary>
    public DenialLog Denials { get; }

    /// <summary>The services of the host.</summary>
    public IServiceProvider Services => _host.Services;

    public string Url => _host.ControlUrl;

    /// <summary>The S3 endpoint beside it.</summary>
    public string S3Url => _host.S3Url;

    public static async Task<ControlServer> StartAsync()
    {
        var identity = new IdentityFixture();
        await identity.Store.Organizations.EnsureRootAsync(new('0', 64), CancellationToken.None);
        var denials = new DenialLog(10);
        var rows = new MemoryKeyValueStore();
        var store = new ObjectStore(rows, new MemoryBlobStore(TimeProvider.System), TimeProvider.System, SystemRandomSource.Instance, new ObjectStoreOptions());
        var disks = new DiskStore(
            new DiskCatalog(rows, new DiskPlaces("/nowhere/disks", "/nowhere"), TimeProvider.System, SystemRandomSource.Instance),
            new DiskOptions(),
            TimeProvider.System);
        var s3 = new S3Service(
            store,
            disks,
            new S3Identity(identity.Credentials, new StoredAccounts(identity.Store), new StoredOrganizationPolicies(identity.Store), denials),
            new S3ServiceOptions("us-east-1", []),
            TimeProvider.System,
            SystemRandomSource.Instance,
            NullLoggerFactory.Instance);
        var links = new ShareLinks(rows, SharingServer.Ring(rows), TimeProvider.System, SystemRandomSource.Instance);
        var sharing = new ShareService(links, disks, store, identity.Store.Organizations, TimeProvider.System, NullLoggerFactory.Instance);
        TarnHost host = TarnHost.Create(
            Bound.From(new() { ["--s3"] = ["127.0.0.1:0"], ["--control"] = ["127.0.0.1:0"], ["--log-level"] = ["none"] }),
            TestHost.Parts(s3.HandleAsync, MapWithSamples) with
            {
                Services = services => AddStores(services, identity, disks, store, links, sharing)
                    .AddSingleton(s3.Explainer)
                    .AddSingleton(denials)
                    .AddTarnControl(new ControlOptions("us-east-1", () => "http://nowhere")),
            },
            TimeProvider.System);
        await host.StartAsync(CancellationToken.None);
        return new ControlServer(identity, denials, host);
    }

    /// <summary>Registers what the control API takes, except what decides about requests.</summary>
    public static IServiceCollection AddStores(
        IServiceCollection services, IdentityFixture identity, DiskStore disks, ObjectStore objects, ShareLinks links, ShareService sharing) => services
        .AddSingleton(identity.Store)
        .AddSingleton<ICredentialSource>(identity.Credentials)
        .AddSingleton<IAccountDirectory>(new StoredAccounts(identity.Store))
        .AddSingleton(disks)
        .AddSingleton(new DiskUsers(identity.Rows, identity.Store, disks.Catalog))
        .AddSingleton(objects)
        .AddSingleton(links)
        .AddSingleton(sharing);

    /// <summary>The endpoints for which the requester is authenticated: <c>GET /api/keys/{id}</c>.</summary>
    public static string[] EndpointsOf(IServiceProvider services) =>
        [.. ControlEndpoint.Mapped(services).Where(endpoint => endpoint.IsAuthenticated && endpoint.IsDescribed).Select(endpoint => endpoint.Name)];

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

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
    }
}

/// <summary>Who sends a request: an access key, or a token.</summary>
internal sealed record Signer(string? Id, string Secret)
{
    /// <summary>For which service; <c>tarn</c> unless a test is about that.</summary>
    public string Service { get; init; } = ControlAuthenticator.Service;

    public static Signer Of(JsonElement made) => new(made.GetProperty("accessKey").GetString(), made.GetProperty("secretKey").GetString()!);

    public IReadOnlyList<KeyValuePair<string, string>> Headers(string method, Uri target, byte[] body) => Id is null
        ? [new("Authorization", Secret)]
        : RequestSigner.Sign(Id, Secret, Service, method, target, body, TimeProvider.System.GetUtcNow());
}
