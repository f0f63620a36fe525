using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
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
using Tarn.S3.Sharing;
using Tarn.Server.Control;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Hosting;
using Tarn.Server.Identity;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Control;
using Tarn.Tests.Identity;
using Tarn.Tests.Server;

namespace Tarn.Tests.Sharing;

/// <summary>Both listeners over real sockets: the control API with its disks and links, and S3, over one store in memory.</summary>
internal sealed class SharingServer : IAsyncDisposable
{
    private readonly TarnHost _host;
    private readonly DataProtectionSecrets _secrets;
    private readonly TestKit.Servers.TemporaryDirectory _scratch;
    private readonly ControlApiClient _control;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    private SharingServer(
        TarnHost host, DataProtectionSecrets secrets, TestKit.Servers.TemporaryDirectory scratch, IdentityFixture identity, ShareLinks links, DiskStore disks, ObjectStore objects)
    {
        _host = host;
        _control = new ControlApiClient(host.ControlUrl);
        _secrets = secrets;
        _scratch = scratch;
        Identity = identity;
        Links = links;
        Disks = disks;
        Objects = objects;
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Signer Root => ControlServer.Root;

    public IdentityFixture Identity { get; }

    public ShareLinks Links { get; }

    public DiskStore Disks { get; }

    public ObjectStore Objects { get; }

    public MovedTime Clock { get; private init; } = null!;

    public KeptLog Audit { get; private init; } = null!;

    /// <summary>The services of the host.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>What the control API logs.</summary>
    public KeptLog ControlLog { get; private init; } = null!;

    public string S3Url => _host.S3Url;

    public string ControlUrl => _host.ControlUrl;

    /// <summary>A directory that may be attached by every organization.</summary>
    public string OpenRoot => _scratch.PathOf("open");

    /// <summary>A directory that only <c>acme</c> may attach.</summary>
    public string OfAcme => _scratch.PathOf("acme");

    /// <summary>A directory that nobody may attach.</summary>
    public string Outside => _scratch.PathOf("outside");

    public string Data => _scratch.PathOf("data");

    public static async Task<SharingServer> StartAsync()
    {
        var scratch = new TestKit.Servers.TemporaryDirectory("sharing");
        foreach (string name in new[] { "open", "acme", "outside", "data" })
        {
            Directory.CreateDirectory(scratch.PathOf(name));
        }

        var identity = new IdentityFixture();
        await identity.Store.Organizations.EnsureRootAsync(new('0', 64), CancellationToken.None);
        var clock = new MovedTime();
        var audit = new KeptLog(ShareService.AuditCategory);
        DataProtectionSecrets secrets = Ring(identity.Rows);
        var roots = new[] { new DiskRoot(scratch.PathOf("open"), null), new DiskRoot(scratch.PathOf("acme"), "acme"), new DiskRoot(scratch.PathOf("data"), null) };
        var catalog = new DiskCatalog(
            identity.Rows, new DiskPlaces(scratch.PathOf("data", "disks"), scratch.PathOf("data"), roots), TimeProvider.System, SystemRandomSource.Instance);
        var disks = new DiskStore(catalog, new DiskOptions(), TimeProvider.System);
        var objects = new ObjectStore(
            identity.Rows, new MemoryBlobStore(TimeProvider.System), TimeProvider.System, SystemRandomSource.Instance, new ObjectStoreOptions());
        var links = new ShareLinks(identity.Rows, secrets, clock, SystemRandomSource.Instance);
        var sharing = new ShareService(links, disks, objects, identity.Store.Organizations, clock, audit);
        var denials = new DenialLog();
        var s3 = new S3Service(
            objects,
            disks,
            new S3Identity(identity.Credentials, new StoredAccounts(identity.Store), new StoredOrganizationPolicies(identity.Store), denials)
            {
                Tokens = identity.Store.Tokens,
            },
            new S3ServiceOptions("us-east-1", []),
            TimeProvider.System,
            SystemRandomSource.Instance,
            NullLoggerFactory.Instance);
        var controlLog = new KeptLog(typeof(AnswerFilter).FullName!);
        TarnHost? host = null;
        host = TarnHost.Create(
            Bound.From(new() { ["--s3"] = ["127.0.0.1:0"], ["--control"] = ["127.0.0.1:0"], ["--log-level"] = ["none"] }),
            TestHost.Parts(s3.HandleAsync, routes => routes.MapTarnControl()) with
            {
                Services = services => ControlServer.AddStores(services, identity, disks, objects, links, sharing)
                    .AddSingleton(s3.Explainer)
                    .AddSingleton(denials)
                    .AddTarnControl(new ControlOptions("us-east-1", () => host!.ControlUrl))
                    .AddSingleton<ILogger<AnswerFilter>>(new Logger<AnswerFilter>(controlLog)),
            },
            TimeProvider.System);
        await host.StartAsync(CancellationToken.None);
        return new SharingServer(host, secrets, scratch, identity, links, disks, objects) { Clock = clock, Audit = audit, ControlLog = controlLog };
    }

    /// <summary>The key ring that the rows have.</summary>
    public static DataProtectionSecrets Ring(IKeyValueStore rows) =>
        DataProtectionSecrets.Open(new KeyRingRows(rows, MasterKey.From(new string('m', 64))!, SystemRandomSource.Instance));

    public Task<(int Status, JsonElement Body)> SendAsync(Signer? signer, string method, string path, string? body = null) =>
        _control.SendAsync(signer, method, path, body);

    public Task<(int Status, string Text)> SendAnyAsync(Signer? signer, string method, string path, byte[] body) =>
        _control.SendAnyAsync(signer, method, path, body);

    public Task<JsonElement> DataAsync(Signer signer, string method, string path, string? body = null) => _control.DataAsync(signer, method, path, body);

    public Task<string> RefusalAsync(int expected, Signer? signer, string method, string path, string? body = null) =>
        _control.RefusalAsync(expected, signer, method, path, body);

    public Task<Signer> OrganizationAsync(string name) => _control.OrganizationAsync(name);

    /// <summary>Writes a file below <see cref="OpenRoot"/>.</summary>
    public void Write(string name, byte[] content)
    {
        string path = Path.Combine(OpenRoot, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    /// <summary>Attaches <see cref="OpenRoot"/>.</summary>
    public async Task<string> AttachAsync(Signer signer, string name = "disk") => (await DataAsync(
        signer, "POST", "/api/disks", JsonSerializer.Serialize(new { name, mounts = new[] { new { type = "local", path = OpenRoot } } }))).GetProperty("diskId").GetString()!;

    /// <summary>Makes a link to a file of a disk; answers its URL and id.</summary>
    public async Task<(Uri Url, string Id)> ShareAsync(Signer signer, string disk, string key, int? expiresIn = null)
    {
        JsonElement made = await DataAsync(signer, "POST", $"/api/disks/{disk}/share", JsonSerializer.Serialize(
            expiresIn is null ? (object)new { key } : new { key, expiresIn }));
        return (new Uri(made.GetProperty("url").GetString()!), made.GetProperty("id").GetString()!);
    }

    /// <summary>Uses a link as anyone would.</summary>
    public Task<HttpResponseMessage> UseAsync(Uri url, HttpMethod? method = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, url);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _http.SendAsync(request, Token);
    }

    /// <summary>An S3 client with an access key.</summary>
    public RawS3Client S3(string accessKey, string secret) => new(new TarnEndpoint(new Uri(S3Url + "/"), accessKey, secret));

    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        _http.Dispose();
        await _host.DisposeAsync();
        Disks.Dispose();
        _secrets.Dispose();
        _scratch.Dispose();
    }
}
