using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tarn.Core;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Sharing;
using Tarn.Core.Storage;
using Tarn.S3.Sharing;
using Tarn.Server.Control;
using Tarn.Server.Identity;
using Tarn.TestKit.Clocks;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Control;

namespace Tarn.Tests.Sharing;

/// <summary>Both listeners over real sockets: the control API with its disks and links, and S3, over one store in memory.</summary>
internal sealed class SharingServer : IAsyncDisposable
{
    private readonly InProcessServer _server;
    private readonly TemporaryDirectory _scratch;
    private readonly ControlApiClient _control;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    private SharingServer(InProcessServer server, TemporaryDirectory scratch)
    {
        _server = server;
        _control = new ControlApiClient(server.ControlUrl);
        _scratch = scratch;
    }

    /// <summary>The host of the URLs of links, under which the S3 endpoint answers them.</summary>
    public const string ShareHost = "files.test";

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Signer Root => ControlServer.Root;

    public IdentityStore Identity => _server.Get<IdentityStore>();

    public ShareLinks Links => _server.Get<ShareLinks>();

    public ObjectStore Objects => _server.Get<ObjectStore>();

    public ShiftedTimeProvider Clock { get; private init; } = null!;

    public KeptLog Audit { get; private init; } = null!;

    /// <summary>The services of the host.</summary>
    public IServiceProvider Services => _server.Services;

    /// <summary>What the control API logs.</summary>
    public KeptLog ControlLog { get; private init; } = null!;

    public string S3Url => _server.S3Url;

    public string ControlUrl => _server.ControlUrl;

    /// <summary>A directory that may be attached by every organization.</summary>
    public string OpenRoot => _scratch.PathOf("open");

    /// <summary>A directory that only <c>acme</c> may attach.</summary>
    public string OfAcme => _scratch.PathOf("acme");

    /// <summary>A directory that nobody may attach.</summary>
    public string Outside => _scratch.PathOf("outside");

    public string Data => _scratch.PathOf("data");

    /// <param name="hasShareHost">Whether links begin with <see cref="ShareHost"/>, under which the S3 endpoint answers them; else with the control address.</param>
    public static async Task<SharingServer> StartAsync(bool hasShareHost = false)
    {
        var scratch = new TemporaryDirectory("sharing");
        foreach (string name in new[] { "open", "acme", "outside", "data" })
        {
            Directory.CreateDirectory(scratch.PathOf(name));
        }

        var clock = new ShiftedTimeProvider();
        var audit = new KeptLog(ShareService.AuditCategory);
        var controlLog = new KeptLog(typeof(AnswerFilter).FullName!);
        InProcessServer server = await InProcessServer.StartAsync(new InProcessSetup
        {
            Options = InProcessServer.Options with
            {
                LogLevel = LogLevel.Information,
                ShareUrl = hasShareHost ? new Uri($"http://{ShareHost}") : null,
                DiskRoots = [new DiskRoot(scratch.PathOf("open"), null), new DiskRoot(scratch.PathOf("acme"), "acme"), new DiskRoot(scratch.PathOf("data"), null)],
            },
            DataPath = scratch.PathOf("data"),
            Time = clock,
            More = builder => builder.Logging.AddProvider(audit).AddProvider(controlLog),
        });
        return new SharingServer(server, scratch) { Clock = clock, Audit = audit, ControlLog = controlLog };
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

    public Task<Signer> SignInAsync(Signer signer) => _control.SignInAsync(signer);

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

    /// <summary>The URL of a link on the control address.</summary>
    public Uri AtControl(JsonElement made) => new(ControlUrl + new Uri(made.GetProperty("url").GetString()!).AbsolutePath);

    /// <summary>Uses a link under its own host, on the S3 endpoint.</summary>
    /// <param name="url">Its URL on the control address.</param>
    /// <param name="method">Null: GET.</param>
    public Task<HttpResponseMessage> UseThereAsync(Uri url, HttpMethod? method = null) => UseAsync(new Uri(S3Url + url.AbsolutePath), method, ("Host", ShareHost));

    /// <summary>Creates a link to a file of a disk, and returns its URL on the control address and its id.</summary>
    public async Task<(Uri Url, string Id)> ShareAsync(Signer signer, string disk, string key, int? expiresIn = null)
    {
        JsonElement made = await DataAsync(signer, "POST", $"/api/disks/{disk}/share", JsonSerializer.Serialize(
            expiresIn is null ? (object)new { key } : new { key, expiresIn }));
        return (AtControl(made), made.GetProperty("id").GetString()!);
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
        await _server.DisposeAsync();
        _scratch.Dispose();
    }
}
