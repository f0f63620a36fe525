using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Identity;
using Tarn.S3.Documents;
using Tarn.S3.Sts;
using Tarn.Server.Configuration;
using Tarn.TestKit.Federation;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;
using Tarn.Tests.Control;

namespace Tarn.Tests.Sts;

/// <summary>A server with an organization <c>acme</c> that trusts an issuer, and clients of all its endpoints.</summary>
internal sealed class StsHost : IAsyncDisposable
{
    public const string Audience = "tarn";
    public const string RoleArn = "arn:aws:iam::acme:role/worker";

    private readonly InProcessServer _server;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    private StsHost(InProcessServer server, FakeTimeProvider clock)
    {
        _server = server;
        Clock = clock;
        Control = new ControlApiClient(server.ControlUrl);
    }

    public FakeTimeProvider Clock { get; }

    public ControlApiClient Control { get; }

    public OidcStandIn StandIn { get; } = OidcStandIn.Start();

    public IdentityStore Identity => _server.Get<IdentityStore>();

    /// <summary>A service of the server.</summary>
    public T Get<T>()
        where T : notnull => _server.Get<T>();

    public string ControlUrl => _server.ControlUrl;

    public Signer Acme { get; private set; } = null!;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The documents of all requests but those of the Security Token Service.</summary>
    public DocumentBudget Documents => _server.Get<DocumentBudget>();

    /// <summary>Those of the Security Token Service.</summary>
    public DocumentBudget Forms => _server.Get<StsService>().Forms;

    public Uri S3Url => new(_server.S3Url);

    /// <param name="auditLog">The path of the audit log; null: none.</param>
    /// <param name="more">Adds or replaces services.</param>
    /// <param name="control">The control address; null: loopback.</param>
    public static async Task<StsHost> StartAsync(string? auditLog = null, Action<IServiceCollection>? more = null, ListenAddress? control = null)
    {
        // The control API's test client signs with the system's time.
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        InProcessServer server = await InProcessServer.StartAsync(new InProcessSetup
        {
            Time = clock,
            Options = InProcessServer.Options with { OidcPlainLoopback = true, AuditLog = auditLog, Control = control ?? InProcessServer.Options.Control },
            More = builder => more?.Invoke(builder.Services),
        });
        var host = new StsHost(server, clock);
        host.Acme = await host.Control.OrganizationAsync("acme");
        await host.TrustAsync("idp", host.StandIn);
        return host;
    }

    /// <summary>Stops the server, so that everything is written.</summary>
    public Task StopAsync() => _server.StopAsync();

    /// <param name="name">The issuer's name.</param>
    /// <param name="standIn">The issuer.</param>
    /// <param name="exchanges">Whose tokens are exchanged for credentials of their own.</param>
    public Task<JsonElement> TrustAsync(string name, OidcStandIn standIn, string exchanges = "\"anySubject\":true") => Control.DataAsync(
        ControlServer.Root, "POST", "/api/issuers", $$"""{"name":"{{name}}","organization":"acme","url":"{{standIn.Url}}","audiences":["{{Audience}}"],{{exchanges}}}""");

    /// <summary>Creates the role <c>worker</c> for the subject <c>alice</c>.</summary>
    public Task<JsonElement> CreateRoleAsync(string policies = "[]", string conditions = """{"StringEquals":{"sub":"alice"}}""", int longest = 3600, string name = "worker") => Control.DataAsync(
        Acme, "POST", "/api/organizations/acme/roles",
        $$"""{"name":"{{name}}","issuer":"idp","conditions":{{conditions}},"policies":{{policies}},"maxSessionSeconds":{{longest}}}""");

    public string Token(string subject = "alice") => StandIn.Token(subject, Audience, Clock.GetUtcNow());

    /// <summary>Sends a form to the Security Token Service.</summary>
    /// <param name="signer">Signs it for the service sts, as SDKs do: without a header for the body's hash. Null: unsigned.</param>
    /// <param name="form">The parameters.</param>
    public async Task<(int Status, XElement Body)> SendAsync(Keys? signer, params (string Name, string Value)[] form)
    {
        byte[] body = Encoding.UTF8.GetBytes(string.Join('&', form.Select(pair => $"{Uri.EscapeDataString(pair.Name)}={Uri.EscapeDataString(pair.Value)}")));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_server.S3Url + "/"));
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.TryAddWithoutValidation("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        if (signer is not null)
        {
            DateTimeOffset now = Clock.GetUtcNow();
            List<(string, string)> headers = [("host", request.RequestUri!.Authority), ("x-amz-date", SigV4TestSigner.Timestamp(now))];
            if (signer.Token is not null)
            {
                headers.Add(("x-amz-security-token", signer.Token));
            }

            foreach ((string name, string value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            request.Headers.TryAddWithoutValidation(
                "authorization", new SigV4TestSigner(signer.Id, signer.Secret, "eu-west-1", signer.Service).Authorize("POST", "/", headers, SigV4TestSigner.Hash(body), now).Header);
        }

        return await SendAsync(request);
    }

    /// <summary>Sends a URL to the S3 listener.</summary>
    public async Task<(int Status, XElement Body)> SendAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage answer = await _http.SendAsync(request, Cancel);
        return ((int)answer.StatusCode, XElement.Parse(await answer.Content.ReadAsStringAsync(Cancel)));
    }

    public HttpRequestMessage Get(string target) => new(HttpMethod.Get, new Uri(_server.S3Url + target));

    /// <summary>Calls AssumeRoleWithWebIdentity.</summary>
    public Task<(int Status, XElement Body)> AssumeAsync(string token, params (string Name, string Value)[] more) => AssumeAsync(token, RoleArn, more);

    /// <summary>Calls AssumeRoleWithWebIdentity for a role.</summary>
    public Task<(int Status, XElement Body)> AssumeAsync(string token, string role, params (string Name, string Value)[] more) => SendAsync(
        null,
        [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role), ("RoleSessionName", "session-1"), ("WebIdentityToken", token), .. more,
        ]);

    /// <summary>Calls AssumeRoleWithWebIdentity, which succeeds.</summary>
    public async Task<Keys> AssumedAsync(string token, params (string Name, string Value)[] more)
    {
        (int status, XElement body) = await AssumeAsync(token, more);
        Assert.True(status == 200, body.ToString());
        return Keys.In(body);
    }

    /// <summary>Sends an S3 request, signed with the time of the server.</summary>
    public async Task<RawS3Response> S3Async(Keys keys, string method, string? bucket, string? key = null, string? body = null, string? query = null)
    {
        string target = $"/{bucket}{(key is null ? "" : "/" + key)}{(query is null ? "" : $"?{query}=")}";
        byte[] bytes = Encoding.UTF8.GetBytes(body ?? "");
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_server.S3Url + target));
        var headers = new Dictionary<string, string> { ["host"] = request.RequestUri!.Authority };
        if (keys.Token is not null)
        {
            headers["x-amz-security-token"] = keys.Token;
        }

        foreach ((string name, string value) in new SigV4TestSigner(keys.Id, keys.Secret).SignHeaders(method, target, headers, bytes, Clock.GetUtcNow()))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Content = method == "PUT" ? new ByteArrayContent(bytes) : null;
        using HttpResponseMessage answer = await _http.SendAsync(request, Cancel);
        return new RawS3Response(answer.StatusCode, new Dictionary<string, string>(), await answer.Content.ReadAsByteArrayAsync(Cancel));
    }

    public static string? Code(XElement body) => body.Descendants().FirstOrDefault(element => element.Name.LocalName == "Code")?.Value;

    public static string? Text(XElement body, string name) => body.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

    public async ValueTask DisposeAsync()
    {
        Control.Dispose();
        _http.Dispose();
        StandIn.Dispose();
        await _server.DisposeAsync();
    }
}

/// <summary>Credentials.</summary>
internal sealed record Keys(string Id, string Secret, string? Token = null)
{
    public string Service { get; init; } = "sts";

    public static Keys Of(Signer signer) => new(signer.Id!, signer.Secret);

    public static Keys In(XElement body) => new(StsHost.Text(body, "AccessKeyId")!, StsHost.Text(body, "SecretAccessKey")!, StsHost.Text(body, "SessionToken"));
}
