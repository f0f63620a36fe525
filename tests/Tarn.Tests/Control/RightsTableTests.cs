using System.Globalization;
using System.Text;
using System.Text.Json;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Server.Requests;
using Tarn.TestKit.Http;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Control;

/// <summary>
/// Who may use each endpoint of the control API: a new endpoint fails <see cref="Every_endpoint_is_in_the_table"/> until it is here. A status of 403 or 404 means that the requester
/// may not, unless it is what those who may get as well.
/// </summary>
public sealed class RightsTableTests : IAsyncLifetime
{
    private const string OrganizationPolicy =
        """{"version":"v1alpha1","name":"none","statements":[{"name":"s","effect":"Allow","actions":["s3:GetObject"],"resources":["nowhere"],"principals":["nobody"]}]}""";

    private const string TagJob = """{"kind":"tag","bucket":"data","tags":{"a":"b"}}""";

    /// <summary>It reads one bucket and tags its objects: enough to start a job.</summary>
    private const string LimitedKey =
        """{"policy":{"Statement":{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:PutObjectTagging"],"Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]}}}""";

    /// <summary>
    /// Endpoint, path and query, body, and the statuses for: the server's root user; the root user of acme, which owns everything; another organization's root user; a user of acme with
    /// policies; a user who may read objects only; a key of that first user with a policy; a key of acme's root user with a policy. A disk's key and temporary credentials of acme's root user get 403 everywhere, and nobody 401.
    /// Each of the seven gets the same from a page of the console where they signed in, and 401 once they signed out. In braces is what is made for each call.
    /// </summary>
    private static readonly (string Endpoint, string Path, string? Body, string Statuses)[] Rows =
    [
        ("GET /api/buckets", "/api/buckets", null, "200 200 200 200 200 200 200"),
        ("GET /api/buckets", "/api/buckets?organization=acme", null, "200 200 403 200 200 200 200"),
        ("GET /api/buckets/{bucket}", "/api/buckets/data", null, "200 200 404 200 404 200 404"),
        ("GET /api/buckets/{bucket}", "/api/buckets/hidden", null, "200 200 404 404 404 404 404"),
        ("GET /api/buckets/{bucket}/samples", "/api/buckets/data/samples", null, "200 200 404 200 404 200 404"),
        ("GET /api/buckets/{bucket}/samples", "/api/buckets/hidden/samples", null, "200 200 404 404 404 404 404"),
        ("POST /api/buckets/recount", "/api/buckets/recount", null, "200 403 403 403 403 403 403"),
        ("POST /api/jobs", "/api/jobs", TagJob, "403 201 403 201 403 201 403"),
        ("GET /api/jobs", "/api/jobs", null, "200 200 200 200 200 200 200"),
        ("GET /api/jobs", "/api/jobs?organization=acme", null, "200 200 403 200 200 200 200"),
        ("GET /api/jobs/{id}", "/api/jobs/{job}", null, "200 200 404 200 404 404 404"),
        ("GET /api/jobs/{id}", "/api/jobs/{rootjob}", null, "200 200 404 404 404 404 404"),
        ("GET /api/jobs/{id}", "/api/jobs/{limitedjob}", null, "200 200 404 200 404 200 404"),
        ("DELETE /api/jobs/{id}", "/api/jobs/{job}", null, "200 200 404 200 404 404 404"),
        ("DELETE /api/jobs/{id}", "/api/jobs/{rootjob}", null, "200 200 404 404 404 404 404"),
        ("DELETE /api/jobs/{id}", "/api/jobs/{limitedjob}", null, "200 200 404 200 404 200 404"),
        ("POST /api/archives", "/api/archives", """{"bucket":"data","keys":["key"]}""", "201 201 201 201 201 201 201"),
        ("GET /api/archives/{id}", "/api/archives/{archive}", null, "404 404 404 404 404 404 404"),
        ("GET /api/requests", "/api/requests", null, "200 200 200 200 200 200 200"),
        ("GET /api/requests/{id}", "/api/requests/{request}", null, "200 200 404 200 404 404 404"),
        ("GET /api/rates", "/api/rates", null, "200 403 403 403 403 403 403"),
        ("GET /api/trace", "/api/trace", null, "200 200 200 403 403 403 403"),
        ("POST /api/access/explain", "/api/access/explain", """{"requestId":"{request}"}""", "200 200 404 200 404 404 404"),
        ("POST /api/access/explain", "/api/access/explain", """{"principal":"acme/alice","action":"s3:GetObject","resource":"data/key"}""", "200 200 404 403 403 403 403"),
        ("POST /api/access/missing-principals", "/api/access/missing-principals", """{"principals":[]}""", "200 200 200 403 403 403 403"),
        ("POST /api/applications", "/api/applications", """{"name":"app-{n}"}""", "201 201 201 403 403 403 403"),
        ("POST /api/applications", "/api/applications", """{"name":"app-{n}","organization":"acme"}""", "201 201 403 403 403 403 403"),
        ("POST /api/keys", "/api/keys", """{"policy":"read-only"}""", "201 201 201 201 201 403 403"),
        ("POST /api/keys", "/api/keys", "{}", "201 201 201 403 403 403 403"),
        ("POST /api/keys", "/api/keys", """{"policy":"read-only","organization":"acme","user":"bob"}""", "201 201 403 403 201 403 403"),
        ("GET /api/keys", "/api/keys", null, "200 200 200 200 200 200 200"),
        ("GET /api/keys", "/api/keys?organization=acme&user=alice", null, "200 200 403 200 403 200 403"),
        ("GET /api/keys/{id}", "/api/keys/{alice}", null, "200 200 404 200 404 404 404"),
        ("GET /api/keys/{id}", "/api/keys/{limited}", null, "200 200 404 200 404 200 404"),
        ("POST /api/keys/{id}/rotate", "/api/keys/{spare}/rotate", null, "200 200 404 200 404 404 404"),
        ("POST /api/keys/{id}/rotate", "/api/keys/{full}/rotate", null, "200 200 404 403 404 404 404"),
        ("POST /api/keys/{id}/rotate", "/api/keys/{spare}/rotate", """{"secretKey":"chosen-secret-{n}"}""", "200 200 404 403 404 404 404"),
        ("DELETE /api/keys/{id}", "/api/keys/{spare}", null, "200 200 404 200 404 404 404"),
        ("DELETE /api/keys/{id}", "/api/keys/{full}", null, "200 200 404 403 404 404 404"),
        ("POST /api/tokens", "/api/tokens", """{"name":"t"}""", "201 201 201 403 403 403 403"),
        ("GET /api/tokens", "/api/tokens", null, "200 200 200 200 200 403 403"),
        ("DELETE /api/tokens/{id}", "/api/tokens/{token}", null, "200 200 404 404 404 404 404"),
        ("POST /api/organizations", "/api/organizations", """{"name":"more-{n}"}""", "201 403 403 403 403 403 403"),
        ("GET /api/organizations", "/api/organizations", null, "200 200 200 403 403 403 403"),
        ("GET /api/organizations/{organization}", "/api/organizations/acme", null, "200 200 403 403 403 403 403"),
        ("DELETE /api/organizations/{organization}", "/api/organizations/none", null, "404 403 403 403 403 403 403"),
        ("POST /api/organizations/{organization}/users", "/api/organizations/acme/users", """{"name":"user-{n}"}""", "201 201 403 403 403 403 403"),
        ("GET /api/organizations/{organization}/users", "/api/organizations/acme/users", null, "200 200 403 403 403 403 403"),
        ("GET /api/organizations/{organization}/users/{user}", "/api/organizations/acme/users/alice", null, "200 200 403 403 403 403 403"),
        ("DELETE /api/organizations/{organization}/users/{user}", "/api/organizations/acme/users/none", null, "404 404 403 403 403 403 403"),
        ("PUT /api/organizations/{organization}/users/{user}/groups/{group}", "/api/organizations/acme/users/bob/groups/g", null, "200 200 403 403 403 403 403"),
        ("DELETE /api/organizations/{organization}/users/{user}/groups/{group}", "/api/organizations/acme/users/bob/groups/g", null, "200 200 403 403 403 403 403"),
        ("PUT /api/organizations/{organization}/policies/{name}", "/api/organizations/acme/policies/none", OrganizationPolicy, "200 200 403 403 403 403 403"),
        ("GET /api/organizations/{organization}/policies", "/api/organizations/acme/policies", null, "200 200 403 403 403 403 403"),
        ("GET /api/organizations/{organization}/policies/{name}", "/api/organizations/acme/policies/rights", null, "200 200 403 403 403 403 403"),
        ("DELETE /api/organizations/{organization}/policies/{name}", "/api/organizations/acme/policies/no", null, "404 404 403 403 403 403 403"),
        ("POST /api/issuers", "/api/issuers", """{"name":"i{n}","url":"https://idp-{n}.example.com","audiences":["tarn"],"organization":"{new}"}""", "201 403 403 403 403 403 403"),
        ("GET /api/issuers", "/api/issuers", null, "200 200 200 403 403 403 403"),
        ("GET /api/issuers", "/api/issuers?organization=acme", null, "200 200 403 403 403 403 403"),
        ("DELETE /api/issuers/{name}", "/api/issuers/none?organization=acme", null, "404 403 403 403 403 403 403"),
        ("PUT /api/issuers/{name}/console", "/api/issuers/idp/console?organization=acme", """{"clientId":"c"}""", "200 403 403 403 403 403 403"),
        ("DELETE /api/issuers/{name}/console", "/api/issuers/idp/console?organization=acme", null, "200 403 403 403 403 403 403"),
        ("POST /api/organizations/{organization}/roles", "/api/organizations/acme/roles", """{"name":"role-{n}","issuer":"idp","conditions":{"StringEquals":{"sub":"s"}}}""", "201 201 403 403 403 403 403"),
        ("GET /api/organizations/{organization}/roles", "/api/organizations/acme/roles", null, "200 200 403 403 403 403 403"),
        ("GET /api/organizations/{organization}/roles/{role}", "/api/organizations/acme/roles/none", null, "404 404 403 403 403 403 403"),
        ("DELETE /api/organizations/{organization}/roles/{role}", "/api/organizations/acme/roles/none", null, "404 404 403 403 403 403 403"),
        ("POST /api/disks", "/api/disks", """{"name":"disk-{n}"}""", "201 201 201 403 403 403 403"),
        ("GET /api/disks", "/api/disks", null, "200 200 200 403 403 403 403"),
        ("GET /api/disks/{id}", "/api/disks/{disk}", null, "200 200 404 404 404 404 404"),
        ("DELETE /api/disks/{id}", "/api/disks/{newdisk}", null, "200 200 404 404 404 404 404"),
        ("POST /api/disks/{id}/users", "/api/disks/{disk}/users", """{"type":"s3","nickname":"n"}""", "201 201 404 404 404 404 404"),
        ("GET /api/disks/{id}/users", "/api/disks/{disk}/users", null, "200 200 404 404 404 404 404"),
        ("DELETE /api/disks/{id}/users/{type}", "/api/disks/{disk}/users/s3?identifier={diskuser}", null, "200 200 404 404 404 404 404"),
        ("GET /api/disks/{id}/allowed-ips", "/api/disks/{disk}/allowed-ips", null, "200 200 404 404 404 404 404"),
        ("PUT /api/disks/{id}/allowed-ips", "/api/disks/{disk}/allowed-ips", """{"allowedIps":[]}""", "200 200 404 404 404 404 404"),
        ("PUT /api/disks/{id}/growing-files", "/api/disks/{disk}/growing-files", """{"growingFiles":false}""", "200 200 404 404 404 404 404"),
        ("PUT /api/disks/{id}/writing", "/api/disks/{disk}/writing", """{"writing":false}""", "200 200 404 404 404 404 404"),
        ("PUT /api/disks/{id}/writing", "/api/disks/{disk}/writing", """{"writing":true}""", "200 403 404 404 404 404 404"),
        ("PUT /api/disks/{id}/files", "/api/disks/{disk}/files?path=new-{n}", "content", "201 201 404 404 404 404 404"),
        ("DELETE /api/disks/{id}/files", "/api/disks/{disk}/files?path={newfile}", null, "200 200 404 404 404 404 404"),
        ("POST /api/disks/{id}/directories", "/api/disks/{disk}/directories", """{"path":"directory-{n}"}""", "201 201 404 404 404 404 404"),
        ("POST /api/disks/{id}/rename", "/api/disks/{disk}/rename", """{"from":"{newfile}","to":"renamed-{n}"}""", "200 200 404 404 404 404 404"),
        ("POST /api/disks/{id}/uploads", "/api/disks/{disk}/uploads", """{"path":"uploaded-{n}"}""", "201 201 404 404 404 404 404"),
        ("GET /api/disks/{id}/uploads", "/api/disks/{disk}/uploads", null, "200 200 404 404 404 404 404"),
        ("GET /api/disks/{id}/uploads/{upload}", "/api/disks/{disk}/uploads/{upload}", null, "200 200 404 404 404 404 404"),
        ("PUT /api/disks/{id}/uploads/{upload}", "/api/disks/{disk}/uploads/{upload}?offset=0", "content", "200 200 404 404 404 404 404"),
        ("POST /api/disks/{id}/uploads/{upload}/complete", "/api/disks/{disk}/uploads/{upload}/complete", null, "201 201 404 404 404 404 404"),
        ("DELETE /api/disks/{id}/uploads/{upload}", "/api/disks/{disk}/uploads/{upload}", null, "200 200 404 404 404 404 404"),
        ("POST /api/disks/{id}/accept", "/api/disks/{disk}/accept", null, "200 200 404 404 404 404 404"),
        ("POST /api/disks/{id}/share", "/api/disks/{disk}/share", """{"key":"f"}""", "200 200 404 404 404 404 404"),
        ("POST /api/disks/{id}/exec", "/api/disks/{disk}/exec", null, "501 501 404 404 404 404 404"),
        ("POST /api/disks/{id}/grep", "/api/disks/{disk}/grep", null, "501 501 404 404 404 404 404"),
        ("POST /api/exec", "/api/exec", null, "501 501 501 501 501 501 501"),
        ("POST /api/shares", "/api/shares", """{"bucket":"data","key":"key"}""", "404 200 404 403 403 403 403"),
        ("GET /api/shares", "/api/shares?organization=acme", null, "200 200 403 403 403 403 403"),
        ("DELETE /api/shares/{id}", "/api/shares/{share}", null, "200 200 404 404 404 404 404"),
        ("GET /api/status", "/api/status", null, "200 403 403 403 403 403 403"),
        ("GET /api/scrub", "/api/scrub", null, "200 403 403 403 403 403 403"),
        ("GET /api/scrub/report", "/api/scrub/report", null, "200 403 403 403 403 403 403"),
        ("POST /api/scrub/start", "/api/scrub/start", null, "200 403 403 403 403 403 403"),
        ("POST /api/scrub/pause", "/api/scrub/pause", null, "200 403 403 403 403 403 403"),
        ("POST /api/scrub/resume", "/api/scrub/resume", null, "200 403 403 403 403 403 403"),
        ("GET /api/scrub/orphans", "/api/scrub/orphans", null, "200 403 403 403 403 403 403"),
        ("DELETE /api/scrub/orphans", "/api/scrub/orphans", null, "200 403 403 403 403 403 403"),
        ("GET /api/scrub/orphans/drop", "/api/scrub/orphans/drop", null, "200 403 403 403 403 403 403"),
        ("POST /api/scrub/orphans/{id}/restore", "/api/scrub/orphans/none/restore", null, "404 403 403 403 403 403 403"),
        ("DELETE /api/scrub/orphans/{id}", "/api/scrub/orphans/none", null, "404 403 403 403 403 403 403"),
        ("GET /api/damaged", "/api/damaged", null, "200 403 403 403 403 403 403"),
        ("POST /api/damaged/drop", "/api/damaged/drop", """{"bucket":"data","key":"key","versionId":"null"}""", "409 403 403 403 403 403 403"),
        ("POST /api/backups", "/api/backups", """{"target":"/nowhere"}""", "400 403 403 403 403 403 403"),
        ("GET /api/backups", "/api/backups?target=/nowhere", null, "400 403 403 403 403 403 403"),
        ("POST /api/backups/verify", "/api/backups/verify", """{"target":"/nowhere"}""", "400 403 403 403 403 403 403"),
        ("DELETE /api/backups/{name}", "/api/backups/none?target=/nowhere", null, "400 403 403 403 403 403 403"),
        ("GET /api/backups/job", "/api/backups/job", null, "404 403 403 403 403 403 403"),
        ("DELETE /api/backups/job", "/api/backups/job", null, "404 403 403 403 403 403 403"),
        ("GET /api/accelerators", "/api/accelerators", null, "200 403 403 403 403 403 403"),
        ("GET /api/accelerators/clears", "/api/accelerators/clears", null, "200 403 403 403 403 403 403"),
        ("POST /api/accelerators/clears", "/api/accelerators/clears", "{}", "200 403 403 403 403 403 403"),
        ("POST /api/accelerators/tokens", "/api/accelerators/tokens", """{"name":"gpu"}""", "201 403 403 403 403 403 403"),
        ("GET /api/accelerators/tokens", "/api/accelerators/tokens", null, "200 403 403 403 403 403 403"),
        ("DELETE /api/accelerators/tokens/{id}", "/api/accelerators/tokens/none", null, "404 403 403 403 403 403 403"),
        ("GET /api/mirror", "/api/mirror", null, "404 403 403 403 403 403 403"),
        ("POST /api/mirror/retry", "/api/mirror/retry", null, "404 403 403 403 403 403 403"),
        ("GET /api/session", "/api/session", null, "403 403 403 403 403 403 403"),
        ("POST /api/presign", "/api/presign", """{"method":"GET"}""", "403 403 403 403 403 403 403"),
        ("GET /metrics/buckets", "/metrics/buckets", null, "200 403 403 403 403 403 403"),
        ("POST /v1/cwobject/access-key", "/v1/cwobject/access-key", """{"durationSeconds":0}""", "200 200 200 403 403 403 403"),
        ("GET /v1/cwobject/access-key", "/v1/cwobject/access-key", null, "200 200 200 403 403 403 403"),
        ("GET /v1/cwobject/access-key/{id}", "/v1/cwobject/access-key/{alice}", null, "200 200 404 404 404 404 404"),
        ("POST /v1/cwobject/revoke-access-key/access-key", "/v1/cwobject/revoke-access-key/access-key", """{"accessKey":"{spare}"}""", "200 200 404 404 404 404 404"),
        ("POST /v1/cwobject/revoke-access-key/principal", "/v1/cwobject/revoke-access-key/principal", """{"principalName":"none"}""", "404 404 404 403 403 403 403"),
        ("GET /v1/cwobject/temporary-credentials/api-token", "/v1/cwobject/temporary-credentials/api-token", null, "403 403 403 403 403 403 403"),
        ("POST /v1/cwobject/access-policy", "/v1/cwobject/access-policy", $$"""{"policy":{{OrganizationPolicy}}}""", "200 200 200 403 403 403 403"),
        ("GET /v1/cwobject/access-policy", "/v1/cwobject/access-policy", null, "200 200 200 403 403 403 403"),
        ("DELETE /v1/cwobject/access-policy/{name}", "/v1/cwobject/access-policy/no", null, "404 404 404 403 403 403 403"),
    ];

    /// <summary>
    /// What a session of a role gets, which somebody began who signed in to the console with an issuer, and whose policies list one bucket, read it and tag its objects: where it is not the same as what the key of acme's root user
    /// gets that may only read objects. That is what S3 actions decide, and nothing of keys, which a role has none of.
    /// </summary>
    private static readonly Dictionary<(string Endpoint, string Path), string> OfRole = new()
    {
        [("GET /api/buckets/{bucket}", "/api/buckets/data")] = "200",
        [("GET /api/buckets/{bucket}/samples", "/api/buckets/data/samples")] = "200",
        [("POST /api/jobs", "/api/jobs")] = "201",
        [("GET /api/keys", "/api/keys")] = "403",
    };

    /// <summary>What only pages of the console may do, all that are signed in.</summary>
    private static readonly string[] OfConsole = ["GET /api/session", "POST /api/presign"];

    /// <summary>What anyone may ask for, signed or not, since a workload's token or a secret in the request proves who asks. Each refuses what is not one.</summary>
    private static readonly (string Endpoint, string Path, string? Body, int Status)[] Anonymous =
    [
        ("POST /v1/cwobject/temporary-credentials/oidc", "/v1/cwobject/temporary-credentials/oidc", """{"durationSeconds":0,"orgId":"acme","oidcToken":"none"}""", 401),
        ("GET /v1/cwobject/temporary-credentials/oidc/{orgId}", "/v1/cwobject/temporary-credentials/oidc/acme", null, 401),
        ("POST /api/session", "/api/session", """{"accessKey":"none","secretKey":"none"}""", 403),
        ("DELETE /api/session", "/api/session", null, 403),
    ];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });
    private SharingServer _server = null!;
    private Signer _acme = null!;
    private Signer _alice = null!;
    private string _disk = "";
    private string _job = "";
    private string _request = "";
    private int _number;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await SharingServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
        _alice = await UserAsync("alice");
        await _server.DataAsync(_acme, "PUT", "/api/organizations/acme/policies/rights", """
            {"version":"v1alpha1","name":"rights","statements":[
             {"name":"all","effect":"Allow","actions":["s3:*"],"resources":["data","data/*"],"principals":["alice"]},
             {"name":"read","effect":"Allow","actions":["s3:GetObject"],"resources":["data/*"],"principals":["bob"]}]}
            """);
        string owner = (await _server.DataAsync(_acme, "GET", "/api/organizations/acme")).GetProperty("canonicalId").GetString()!;
        Bucket data = (await _server.Objects.Buckets.CreateAsync(Objects.StoreFixture.Name("data"), owner, "Acme", "us-east-1", Token))!;
        await _server.Objects.Buckets.CreateAsync(Objects.StoreFixture.Name("hidden"), owner, "Acme", "us-east-1", Token);
        await _server.Objects.Writer.PutAsync(
            data, Objects.StoreFixture.Key("key"), owner, Core.Model.ObjectMetadata.Empty, new Objects.TestBody(Objects.StoreFixture.Bytes(5)), new Core.Objects.Writing.IngestRequest(),
            Core.Objects.Writing.WriteCondition.None, Token);
        await _server.DataAsync(SharingServer.Root, "POST", "/api/issuers", """{"name":"idp","organization":"acme","url":"https://idp.example.com","audiences":["tarn"]}""");
        _server.Write("f", [1]);
        _disk = await _server.AttachAsync(_acme);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public void Every_endpoint_is_in_the_table()
    {
        Assert.Equal(
            ControlServer.EndpointsOf(_server.Services).Where(static name => !name.StartsWith("HEAD", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            Rows.Select(static row => row.Endpoint).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(
            ControlEndpoint.Mapped(_server.Services).Where(static endpoint => !endpoint.IsAuthenticated && endpoint.IsDescribed && (endpoint.Path.StartsWith("/v1/", StringComparison.Ordinal) || endpoint.Path == "/api/session")).Select(static endpoint => endpoint.Name).Order(StringComparer.Ordinal),
            Anonymous.Select(static row => row.Endpoint).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Everyone_gets_from_each_endpoint_what_the_table_says()
    {
        Signer bob = await UserAsync("bob");
        Signer limited = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", LimitedKey));
        Signer ofDisk = Signer.Of(Member(await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/users", """{"type":"s3","nickname":"n"}""")));
        (string Name, Signer? Signer)[] callers =
        [
            ("server", SharingServer.Root),
            ("root", _acme),
            ("other", await _server.OrganizationAsync("globex")),
            ("user", _alice),
            ("reader", bob),
            ("limited", limited),
            ("limited root", Signer.Of(await _server.DataAsync(_acme, "POST", "/api/keys", """{"policy":{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}}"""))),
            ("disk", ofDisk),
            ("temporary", await TemporaryAsync(_acme)),
            ("nobody", null),
        ];
        (string Name, Signer Signer)[] pages = await Task.WhenAll(callers[..7].Select(async caller => ("a page of " + caller.Name, await _server.SignInAsync(caller.Signer!))));
        Signer signedOut = await _server.SignInAsync(_acme), ofRole = await RoleAsync();
        await _server.DataAsync(signedOut, "DELETE", "/api/session");
        _request = await DeniedAsync();
        var wrong = new List<string>();
        foreach ((string endpoint, string path, string? body, string statuses) in Rows)
        {
            string[] expected = [.. statuses.Split(' '), "403", "403", "401"];
            for (int i = 0; i < callers.Length; i++)
            {
                int status = await StatusAsync(callers[i].Signer, endpoint.Split(' ')[0], await FillAsync(path, limited), body is null ? null : await FillAsync(body, limited));
                if (status.ToString(CultureInfo.InvariantCulture) != expected[i])
                {
                    wrong.Add($"{endpoint} ({path} {body}) as {callers[i].Name}: {status} instead of {expected[i]}");
                }
            }

            bool isOfConsole = OfConsole.Contains(endpoint);
            foreach ((string name, Signer page, string wanted) in ((string, Signer, string)[])
                [.. pages.Select((page, i) => (page.Name, page.Signer, isOfConsole ? "200" : expected[i])), ("a page that is signed out", signedOut, "401"), ("a page of a role", ofRole, OfRole.GetValueOrDefault((endpoint, path), isOfConsole ? "200" : expected[6]))])
            {
                int status = await StatusAsync(page, endpoint.Split(' ')[0], await FillAsync(path, limited), body is null ? null : await FillAsync(body, limited));

                // Of the removals that the endpoint begins, one is under way since the first.
                status = status == 409 && endpoint == "DELETE /api/scrub/orphans" ? 200 : status;
                if (status.ToString(CultureInfo.InvariantCulture) != wanted)
                {
                    wrong.Add($"{endpoint} ({path} {body}) as {name}: {status} instead of {wanted}");
                }
            }
        }

        foreach ((string endpoint, string path, string? body, int expected) in Anonymous)
        {
            foreach ((string name, Signer? signer) in callers)
            {
                int status = await StatusAsync(signer, endpoint.Split(' ')[0], path, body);
                if (status != expected)
                {
                    wrong.Add($"{endpoint} as {name}: {status} instead of {expected}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>A session as one has it who signed in with an issuer.</summary>
    private async Task<Signer> RoleAsync()
    {
        var identity = (IdentityStore)_server.Services.GetService(typeof(IdentityStore))!;
        await _server.DataAsync(_acme, "POST", "/api/organizations/acme/roles", """
            {"name":"reader","issuer":"idp","conditions":{"StringLike":{"sub":"*"}},"policies":[
             {"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:PutObjectTagging"],"Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]}}]}
            """);
        IdentityRole role = await identity.Roles.GetAsync("acme", "reader", Token);
        NewTemporaryKey made = await identity.TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest
            {
                Organization = "acme",
                Source = TemporaryKeySource.Role,
                Parent = role.Name,
                ParentId = role.Id,
                Life = TimeSpan.FromHours(1),
                WithToken = false,
                ProofHash = Signer.ProofHash,
                Issuer = await identity.Issuers.FindAsync("acme", "idp", Token),
                Subject = "somebody",
                SessionName = "somebody",
            },
            Token);
        return Signer.OfCookie($"tarn={made.Key.Id}.{System.Buffers.Text.Base64Url.EncodeToString(made.CookieSecret.Span)}");
    }

    /// <summary>Nobody that somebody gives a key with a policy is to learn what others do.</summary>
    [Fact]
    public async Task A_key_with_a_policy_lists_the_jobs_alone_that_it_started()
    {
        Signer limited = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", LimitedKey)), another = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", LimitedKey));
        Signer ofRoot = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/keys", LimitedKey));
        string own = await JobAsync(limited), others = await JobAsync(another), alices = await JobAsync(_alice), roots = await JobAsync(_acme), limitedRoots = await JobAsync(ofRoot);
        foreach ((Signer who, string[] seen) in ((Signer, string[])[])
            [(limited, [own]), (another, [others]), (ofRoot, [limitedRoots]), (_alice, [alices, others, own]), (_acme, [limitedRoots, roots, alices, others, own])])
        {
            JsonElement list = await _server.DataAsync(who, "GET", "/api/jobs");
            Assert.Equal(seen, list.GetProperty("jobs").EnumerateArray().Select(static job => Text(job, "id")));
        }
    }

    /// <summary>Without a session token, as those that workloads exchange.</summary>
    private async Task<Signer> TemporaryAsync(Signer parent)
    {
        var identity = (IdentityStore)_server.Services.GetService(typeof(IdentityStore))!;
        var credentials = (ICredentialSource)_server.Services.GetService(typeof(ICredentialSource))!;
        NewTemporaryKey made = await identity.TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest
            {
                Organization = "acme",
                Source = TemporaryKeySource.AccessKey,
                Parent = parent.Id!,
                ParentKey = await credentials.FindAsync(parent.Id!, Token),
                Life = TimeSpan.FromHours(1),
                WithToken = false,
            },
            Token);
        return new Signer(made.Key.Id, made.SecretKey);
    }

    private async Task<Signer> UserAsync(string name) => Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", $$"""{"name":"{{name}}"}"""));

    /// <summary>The id of a request of alice's that was denied.</summary>
    private async Task<string> DeniedAsync()
    {
        using RawS3Client s3 = _server.S3(_alice.Id!, _alice.Secret);
        string id = (await s3.SendAsync(HttpMethod.Get, "hidden", "key")).Header("x-amz-request-id")!;
        var kept = (RecentRequests)_server.Services.GetService(typeof(RecentRequests))!;
        while (!kept.NewestFirst().Any(one => one.RequestId == id))
        {
            // It is kept after its answer.
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return id;
    }

    /// <summary>Replaces what is in braces, by something new where a request could end it.</summary>
    private async Task<string> FillAsync(string text, Signer limited)
    {
        var filled = new StringBuilder(text);
        filled.Replace("{n}", (++_number).ToString(CultureInfo.InvariantCulture)).Replace("{alice}", _alice.Id).Replace("{limited}", limited.Id).Replace("{disk}", _disk).Replace("{request}", _request);
        foreach ((string name, Func<Task<string>> make) in new Dictionary<string, Func<Task<string>>>
        {
            ["{spare}"] = async () => Text(await _server.DataAsync(_alice, "POST", "/api/keys", """{"policy":"read-only"}"""), "accessKey"),
            ["{full}"] = async () => Text(await _server.DataAsync(_acme, "POST", "/api/keys", """{"user":"alice"}"""), "accessKey"),
            ["{new}"] = async () => Text(await _server.DataAsync(SharingServer.Root, "POST", "/api/organizations", $$"""{"name":"trusting-{{_number}}"}"""), "name"),
            ["{job}"] = () => NextJobAsync(_alice),
            ["{rootjob}"] = () => NextJobAsync(_acme),
            ["{limitedjob}"] = () => NextJobAsync(limited),
            ["{newfile}"] = () => Task.FromResult(Written($"file-{_number}")),
            ["{upload}"] = async () => Text(await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/uploads", $$"""{"path":"uploaded-{{_number}}"}"""), "uploadId"),
            ["{token}"] = async () => Text(await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t","user":"alice"}"""), "id"),
            ["{share}"] = async () => Text(await _server.DataAsync(_acme, "POST", "/api/shares", """{"bucket":"data","key":"key"}"""), "id"),
            ["{newdisk}"] = async () => Text(await _server.DataAsync(_acme, "POST", "/api/disks", $$"""{"name":"new-{{_number}}"}"""), "diskId"),
            ["{diskuser}"] = async () => Text(Member(await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/users", """{"type":"s3","nickname":"n"}""")), "accessKey"),
        })
        {
            if (text.Contains(name, StringComparison.Ordinal))
            {
                filled.Replace(name, await make());
            }
        }

        return filled.ToString();
    }

    /// <summary>A job that has not begun. The one that was started before is ended, since an organization may have a few only.</summary>
    private async Task<string> NextJobAsync(Signer by)
    {
        if (_job.Length > 0)
        {
            await _server.SendAsync(_acme, "DELETE", "/api/jobs/" + _job);
        }

        return _job = await JobAsync(by);
    }

    private async Task<string> JobAsync(Signer by) => Text(await _server.DataAsync(by, "POST", "/api/jobs", TagJob), "id");

    private string Written(string name)
    {
        _server.Write(name, [1]);
        return name;
    }

    private async Task<int> StatusAsync(Signer? signer, string method, string path, string? body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body ?? "");
        var target = new Uri(_server.ControlUrl + path);
        using var request = new HttpRequestMessage(new HttpMethod(method), target) { Content = bytes.Length > 0 ? new ByteArrayContent(bytes) : null };
        foreach ((string name, string value) in signer?.Headers(method, target, bytes) ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        // Of an answer without an end, only the beginning.
        using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        return (int)answer.StatusCode;
    }

    /// <summary>A disk's user with the names that other keys have.</summary>
    private static JsonElement Member(JsonElement user)
    {
        using JsonDocument named = JsonDocument.Parse($$"""{"accessKey":"{{Text(user, "accessKeyId")}}","secretKey":"{{Text(user, "secretAccessKey")}}"}""");
        return named.RootElement.Clone();
    }

    private static string Text(JsonElement data, string member) => data.GetProperty(member).GetString()!;
}
