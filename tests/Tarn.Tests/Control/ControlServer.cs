using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Core;
using Tarn.Core.Access;
using Tarn.Core.Blobs;
using Tarn.Core.Disks;
using Tarn.Core.KeyValue;
using Tarn.Core.Storage;
using Tarn.S3;
using Tarn.S3.Access;
using Tarn.S3.Auth;
using Tarn.Server.Control;
using Tarn.Server.Control.Access;
using Tarn.Server.Hosting;
using Tarn.Tests.Identity;
using Tarn.Tests.Server;

namespace Tarn.Tests.Control;

/// <summary>The control API over real sockets, its store in memory.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private readonly ControlApiClient _client;
    private readonly TarnHost _host;

    private ControlServer(IdentityFixture identity, ControlApi api, DenialLog denials, TarnHost host)
    {
        Identity = identity;
        Api = api;
        Denials = denials;
        _host = host;
        _client = new ControlApiClient(host.ControlUrl);
    }

    /// <summary>The server's root key: <c>ROOTKEY</c>, <c>root-secret</c>.</summary>
    public static Signer Root { get; } = new("ROOTKEY", "root-secret");

    public IdentityFixture Identity { get; }

    public ControlApi Api { get; }

    /// <summary>Why requests to <see cref="S3Url"/> were denied: the latest ten.</summary>
    public DenialLog Denials { get; }

    public string Url => _host.ControlUrl;

    /// <summary>The S3 endpoint beside it.</summary>
    public string S3Url => _host.S3Url;

    public static async Task<ControlServer> StartAsync()
    {
        var identity = new IdentityFixture();
        await identity.Store.Organizations.EnsureRootAsync(new('0', 64), CancellationToken.None);
        var denials = new DenialLog(10);
        (ControlApi api, S3Service s3) = Build(identity, denials);
        api.Add("POST", "/api/echo", request => ValueTask.FromResult(ControlAnswer.Of(
            new Tarn.Server.Control.Identity.MessageView(Encoding.UTF8.GetString(request.Body.Span)), ControlJson.Default.MessageView)));
        api.Add("POST", "/api/fail-store", _ => throw new StoreFailedException("inside"));
        api.Add("POST", "/api/fail", _ => throw new InvalidOperationException("inside"));
        TarnHost host = TarnHost.Create(
            Bound.From(new() { ["--s3"] = ["127.0.0.1:0"], ["--control"] = ["127.0.0.1:0"], ["--log-level"] = ["none"] }),
            TestHost.Parts(s3.HandleAsync, api.Map),
            TimeProvider.System);
        await host.StartAsync(CancellationToken.None);
        return new ControlServer(identity, api, denials, host);
    }

    /// <summary>The API with all of its endpoints, and the S3 protocol over memory that some of them are about.</summary>
    public static (ControlApi Api, S3Service S3) Build(IdentityFixture identity, DenialLog denials)
    {
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
        var api = new ControlApi(identity.Store, identity.Credentials, TimeProvider.System, NullLogger<ControlApi>.Instance);
        ExplainAccess.AddTo(api, identity.Store, identity.Credentials, s3.Explainer, denials, TimeProvider.System);
        FindMissingPrincipals.AddTo(api, new StoredAccounts(identity.Store));
        return (api, s3);
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
