using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Amazon.S3;
using Tarn.EndToEnd.Harness;
using Tarn.TestKit.Servers;
using Cookie = Microsoft.Playwright.Cookie;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>What the journeys through the console share: a server that serves it, and those who sign in. Begun at the first use.</summary>
public sealed class ConsoleStage : IAsyncLifetime
{
    private readonly TemporaryDirectory _disks = new("console-disks");
    private readonly Lock _gate = new();
    private readonly Dictionary<Who, Task<PageSession>> _sessions = [];
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
    private Task? _begun;
    private TarnServer? _server;
    private ControlApi? _api;
    private AmazonS3Client? _s3;
    private Dictionary<Who, Credentials> _keys = [];

    /// <summary>The server.</summary>
    public TarnServer Server => _server!;

    /// <summary>The console's origin, without a slash at its end.</summary>
    public string Console => Server.Control.GetLeftPart(UriPartial.Authority);

    /// <summary>The control API as the server's root user.</summary>
    public ControlApi Api => _api!;

    /// <summary>S3 as the server's root user.</summary>
    public AmazonS3Client S3 => _s3!;

    /// <summary>Directories below it may be attached as disks.</summary>
    public string DiskRoot => _disks.FullPath;

    /// <summary>A token of the server's root user.</summary>
    public string Token { get; private set; } = "";

    /// <summary>A key that opens one disk and nothing else.</summary>
    public Credentials DiskKey { get; private set; } = new("", "");

    public ValueTask InitializeAsync() => default;

    /// <summary>Starts what is shared, once.</summary>
    public Task BeginAsync()
    {
        lock (_gate)
        {
            return _begun ??= StartAsync();
        }
    }

    public Credentials KeyOf(Who who) => _keys[who];

    /// <summary>An S3 client with a key.</summary>
    public AmazonS3Client ClientOf(Credentials key) => ClientOf(Server.Endpoint, key);

    /// <summary>A session of <paramref name="who"/>, which journeys that do not end it share.</summary>
    public Task<PageSession> SessionAsync(Who who)
    {
        lock (_gate)
        {
            return _sessions.TryGetValue(who, out Task<PageSession>? begun) ? begun : _sessions[who] = BeginSessionAsync(Console, KeyOf(who));
        }
    }

    /// <summary>Asks a console for a session.</summary>
    public async Task<HttpResponseMessage> TrySignInAsync(string console, Credentials key, string proof)
    {
        using HttpRequestMessage request = FromPage(console, "/api/session", proof, new { accessKey = key.AccessKey, secretKey = key.SecretKey });
        return await _http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Begins a session of a console, as a page does that is signed in to.</summary>
    public async Task<PageSession> BeginSessionAsync(string console, Credentials key)
    {
        string proof = PageSession.NewProof();
        using HttpResponseMessage answer = await TrySignInAsync(console, key, proof);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string[] pair = answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0].Split('=', 2);
        return new PageSession(new Cookie { Name = pair[0], Value = pair[1], Url = console }, proof);
    }

    /// <summary>A request to S3 that the console has the server sign, for its root user.</summary>
    public async Task<JsonElement> PresignAsync(object asked)
    {
        PageSession session = await SessionAsync(Who.Root);
        using HttpRequestMessage request = FromPage(Console, "/api/presign", session.Proof, asked);
        request.Headers.Add("Cookie", $"{session.Cookie.Name}={session.Cookie.Value}");
        using HttpResponseMessage answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("data");
    }

    /// <summary>Whether a cookie still stands for a session.</summary>
    public async Task<HttpStatusCode> AskAsync(string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Console + "/api/session");
        request.Headers.Add("Cookie", cookie);
        using HttpResponseMessage answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        _s3?.Dispose();
        _http.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _disks.Dispose();
    }

    public static AmazonS3Client ClientOf(TarnEndpoint endpoint, Credentials key) => Stage.ClientOf(endpoint, key.AccessKey, key.SecretKey);

    /// <summary>A request as the console's page sends it.</summary>
    private static HttpRequestMessage FromPage(string console, string path, string proof, object body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, console + path) { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Tarn-Console", proof);
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        return request;
    }

    private async Task StartAsync()
    {
        // Relaxed: what a power loss would take is of no interest here, and listings of many objects are made in a fraction of the time.
        _server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--disk-root", DiskRoot, "--durability", "relaxed", "--oidc-plain-loopback"] });
        var root = new Credentials(_server.Endpoint.AccessKey, _server.Endpoint.SecretKey);
        _api = new ControlApi(_server.Control, root);
        _s3 = ClientOf(_server.Endpoint, root);
        JsonElement acme = await _api.PostAsync("/api/organizations", new { name = "acme" });
        JsonElement reader = await _api.PostAsync("/api/organizations/root/users", new { name = "reader" });
        await _api.PutAsync("/api/organizations/root/policies/readers", new
        {
            version = "v1alpha1", name = "readers",
            statements = new[]
            {
                new
                {
                    name = "shown", effect = "Allow", actions = new[] { "s3:GetObject", "s3:ListBucket" }, resources = new[] { "shown-*" }, principals = new[] { "user/reader" },
                },
            },
        });
        JsonElement limited = await _api.PostAsync("/api/keys", new { policy = "read-only" });
        _keys = new() { [Who.Root] = root, [Who.OrganizationRoot] = Credentials.In(acme), [Who.Reader] = Credentials.In(reader), [Who.LimitedKey] = Credentials.In(limited) };
        Token = (await _api.PostAsync("/api/tokens", new { name = "journeys" })).GetProperty("token").GetString()!;
        JsonElement disk = await _api.PostAsync("/api/disks", new { name = "stage" });
        JsonElement user = await _api.PostAsync($"/api/disks/{disk.GetProperty("diskId").GetString()}/users", new { type = "s3", nickname = "stage" });
        DiskKey = new(user.GetProperty("accessKeyId").GetString()!, user.GetProperty("secretAccessKey").GetString()!);
    }
}
