using Tarn.Core.Acceleration;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.S3.Telemetry;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;
using Tarn.Tests.Control;
using Tarn.Tests.Objects;
using Tarn.Tests.Server;

namespace Tarn.Tests.Acceleration;

/// <summary>Who may speak on the listener for accelerators, and that nobody else can say anything by its words.</summary>
public sealed class EnvelopeServerTests
{
    private const string Secret = "the bytes of an object, long enough";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_without_a_genuine_envelope_is_refused_whatever_it_asks_for()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(100));
        string genuine = server.Envelope(), forged = server.Envelope("acc-" + new string('x', 64));
        foreach (string lines in new[]
        {
            "",
            $"x-tarn-accelerator: {genuine}\r\n",
            $"x-tarn-call: {AcceleratedServer.Forward}\r\n",
            $"x-tarn-accelerator: {forged}\r\nx-tarn-call: {AcceleratedServer.Forward}\r\n",
            $"x-tarn-accelerator: {forged}\r\nx-tarn-accelerator: {genuine}\r\nx-tarn-call: {AcceleratedServer.Forward}\r\n",
            $"x-tarn-accelerator: {genuine}\r\nx-tarn-call: forward\r\nx-tarn-call: {AcceleratedServer.Forward}\r\n",
            $"x-tarn-accelerator: {genuine},{genuine}\r\nx-tarn-call: {AcceleratedServer.Forward}\r\n",
            $"x-tarn-accelerator: {genuine};x=1\r\nx-tarn-call: {AcceleratedServer.Forward}\r\n",
            $"x-tarn-accelerator: {genuine}\r\nx-tarn-call: {AcceleratedServer.Forward},node\r\n",
            $"x-tarn-accelerator: {forged}\r\nx-tarn-call: node\r\n",
        })
        {
            foreach (string start in new[] { "GET /bucket/key HTTP/1.1\r\n", "POST /v1/renew HTTP/1.1\r\n" })
            {
                RawResponse answer = await server.ExchangeAsync("GET", $"{start}{lines}Host: acc.test\r\n\r\n", null);
                answer.ExpectError(401, "AcceleratorRefused");
                Assert.Equal("refused", answer["x-tarn-envelope"]);
            }
        }

        // The Security Token Service has errors of its own, and this is none of them.
        RawResponse sts = await server.ExchangeAsync("POST", $"POST / HTTP/1.1\r\nx-tarn-accelerator: {forged}\r\nx-tarn-call: {AcceleratedServer.Forward}\r\nHost: acc.test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n", null);
        Assert.Contains("<Code>AcceleratorRefused</Code>", sts.Expect(401).Text, StringComparison.Ordinal);
        Assert.Equal("refused", sts["x-tarn-envelope"]);

        // A header on several lines is none at all.
        RawResponse folded = await server.ExchangeAsync("GET", $"GET / HTTP/1.1\r\nx-tarn-accelerator:\r\n {genuine}\r\nx-tarn-call: node\r\nHost: acc.test\r\n\r\n", null);
        Assert.InRange(folded.Status, 400, 401);
    }

    [Fact]
    public async Task A_clients_own_headers_of_these_names_are_signed_bytes_and_nothing_else()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(100_000));
        (string, string)[] smuggled = [("x-tarn-accelerator", server.Envelope(name: "other")), ("x-tarn-call", "node"), ("x-tarn-capability", "x"), ("x-forwarded-for", "198.51.100.1"), ("x-forwarded-proto", "https"), ("forwarded", "for=198.51.100.1")];

        // On the listener for accelerators, behind the accelerator's own lines: signed, so the signature would not match if they were lost.
        RawResponse answer = (await server.SendAsync(AcceleratedServer.Forward, "GET", "/bucket/key", smuggled)).Expect(200);
        Assert.Equal(100_000, answer.Body.Length);
        Assert.Null(answer[AcceleratorHeaders.Plan]);
        FinishedRequest kept = await server.KeptAsync(answer);
        Assert.Equal(("192.0.2.7", "gpu-1"), (kept.Remote!.ToString(), kept.Accelerator));
        (await server.SendAsync("forward;for=192.0.2.7:1;tls=0", "POST", "/v1/renew", smuggled)).ExpectRefusal();

        // On the listener for S3, with an envelope that would be genuine.
        (string, string)[] whole = [("x-tarn-accelerator", server.Envelope()), ("x-tarn-call", AcceleratedServer.Resolve)];
        answer = (await server.DirectAsync("GET", "/bucket/key", whole)).Expect(200);
        Assert.Equal(100_000, answer.Body.Length);
        Assert.Null(answer[AcceleratorHeaders.Plan]);
        kept = await server.KeptAsync(answer);
        Assert.True(System.Net.IPAddress.IsLoopback(kept.Remote!));
        Assert.Null(kept.Accelerator);
        whole[1] = ("x-tarn-call", "node");
        Assert.NotEqual(200, (await server.DirectAsync("POST", AcceleratorPaths.Renew, whole, "x"u8.ToArray())).Status);
        Assert.NotEqual(200, (await server.DirectAsync("GET", "/v1/blocks/0123456789abcdef0123456789abcdef/0/1", whole)).Status);

        // And on that for the control API.
        string control = await RawConnection.AskAsync(
            new Uri(server.Inner.ControlUrl), $"POST /v1/renew HTTP/1.1\r\nx-tarn-accelerator: {server.Envelope()}\r\nx-tarn-call: node\r\nHost: localhost\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
        Assert.StartsWith("HTTP/1.1 404", control, StringComparison.Ordinal);
        Assert.DoesNotContain("gone", control, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_envelope_says_takes_the_place_of_the_connections()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(10));
        (await server.DirectAsync("PUT", "/bucket?policy", null, """
            {"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}]}
            """u8.ToArray())).Expect(204);
        (await server.SendUnsignedAsync("forward;for=192.0.2.9:1;tls=0", "GET", "/bucket/key")).Expect(200);
        (await server.SendUnsignedAsync("forward;for=198.51.100.9:1;tls=0", "GET", "/bucket/key", null, ("X-Forwarded-For", "192.0.2.9"))).ExpectError(403, "AccessDenied");
        (await server.SendUnsignedAsync("forward;for=[2001:db8::1]:1;tls=0", "GET", "/bucket/key")).ExpectError(403, "AccessDenied");

        // The accelerator's domains name buckets, and not the server's.
        string envelope = server.Envelope(domains: ["s3.acc.test"]);
        Assert.Equal(10, (await server.SendAsync(AcceleratedServer.Forward, "GET", "/key", host: "bucket.s3.acc.test", envelope: envelope)).Expect(200).Body.Length);
        (await server.SendAsync(AcceleratedServer.Forward, "GET", "/key", host: "bucket.s3.acc.test")).ExpectError(404, "NoSuchBucket");
        (await server.SendAsync(AcceleratedServer.Forward, "GET", "/bucket/key", host: "s3.acc.test", envelope: envelope)).Expect(200);
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    public async Task A_transport_is_secure_if_both_connections_are(bool isUpstreamTls, bool isClientTls, bool isSecure)
    {
        using var directory = new TemporaryDirectory();
        var tls = new TlsOptions(directory.PathOf("c.pem"), directory.PathOf("k.pem"), null, true, false);
        CertificateSourceTests.WritePem(tls, "localhost");
        await using AcceleratedServer server = await AcceleratedServer.StartAsync(options => isUpstreamTls ? options with { Tls = tls } : options);
        Assert.Equal(isUpstreamTls ? "https" : "http", server.Endpoint.S3.Scheme);
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(10));
        (await server.DirectAsync("PUT", "/bucket?policy", null, """
            {"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}
            """u8.ToArray())).Expect(204);
        RawResponse answer = (await server.SendUnsignedAsync($"forward;for=192.0.2.9:1;tls={(isClientTls ? 1 : 0)}", "GET", "/bucket/key", null, ("X-Forwarded-Proto", "https"))).Expect(isSecure ? 200 : 403);

        // In logs the connection's TLS is the accelerator's: the client's ended there.
        HttpFacts facts = (await server.KeptAsync(answer)).Http!;
        Assert.Equal((null, null, isClientTls, isUpstreamTls), (facts.TlsVersion, facts.CipherSuite, facts.IsClientTls, facts.AcceleratorTlsVersion is not null));
        facts = (await server.KeptAsync(await server.DirectAsync("GET", "/bucket/key"))).Http!;
        Assert.Equal((isUpstreamTls, null, null), (facts.TlsVersion is not null, facts.IsClientTls, facts.AcceleratorTlsVersion));
    }

    [Fact]
    public async Task A_revoked_token_ends_with_the_next_request_on_the_same_connection()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.BucketAsync();
        NewAcceleratorToken made = await server.Tokens.CreateAsync("gone soon", AcceleratedServer.Zone, AddressList.Any, [], "arn:test", Token);
        string request = $"GET /bucket?location HTTP/1.1\r\nx-tarn-accelerator: {server.Envelope(made.Text)}\r\nx-tarn-call: {AcceleratedServer.Forward}\r\nHost: acc.test\r\n\r\n";
        await using RawConnection connection = await RawConnection.OpenAsync(server.Endpoint.S3);
        await connection.WriteAsync(request);
        (await connection.ReadResponseAsync("GET"))!.ExpectError(403, "AccessDenied");
        await server.Tokens.RevokeAsync(made.Token, Token);
        await connection.WriteAsync(request);
        RawResponse refused = (await connection.ReadResponseAsync("GET"))!.ExpectError(401, "AcceleratorRefused");
        Assert.Equal("refused", refused["x-tarn-envelope"]);
        (await server.NodeAsync("POST", AcceleratorPaths.Renew, "x", envelope: server.Envelope(made.Text))).Expect(401);
    }

    [Fact]
    public async Task A_token_limits_zone_networks_and_organizations()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(10));
        (_, NewAccessKey acme) = await server.Inner.Get<IdentityStore>().Organizations.CreateAsync(new OrganizationRequest { Name = "acme" }, Token);
        (_, NewAccessKey other) = await server.Inner.Get<IdentityStore>().Organizations.CreateAsync(new OrganizationRequest { Name = "other" }, Token);
        Assert.True(AddressList.TryParse(["192.0.2.0/24", "2001:db8::/32"], out AddressList networks, out _));
        string limited = (await server.Tokens.CreateAsync("limited", "rack-7", networks, ["acme"], "arn:test", Token)).Text;
        string envelope = server.Envelope(limited);
        const string Within = "forward;for=192.0.2.9:1;tls=0";

        (await server.SendAsync(Within, "GET", "/", envelope: envelope, signer: server.Signer(acme.Key.Id, acme.SecretKey))).Expect(200);
        (await server.SendAsync("forward;for=[2001:db8::1]:1;tls=0", "GET", "/", envelope: envelope, signer: server.Signer(acme.Key.Id, acme.SecretKey))).Expect(200);
        (await server.SendAsync(Within, "GET", "/", envelope: envelope, signer: server.Signer(other.Key.Id, other.SecretKey))).ExpectError(403, "AccessDenied");
        (await server.SendAsync(Within, "GET", "/bucket/key", envelope: envelope)).ExpectError(403, "AccessDenied");
        (await server.SendUnsignedAsync(Within, "GET", "/bucket/key", envelope)).ExpectError(403, "AccessDenied");
        (await server.SendAsync("forward;for=198.51.100.1:1;tls=0", "GET", "/", envelope: envelope, signer: server.Signer(acme.Key.Id, acme.SecretKey))).ExpectError(401, "AcceleratorRefused");
        (await server.SendAsync(Within, "GET", "/", envelope: server.Envelope(limited, zone: "rack-8"), signer: server.Signer(acme.Key.Id, acme.SecretKey))).ExpectError(401, "AcceleratorRefused");
        (await server.NodeAsync("POST", AcceleratorPaths.Renew, "x", envelope: server.Envelope(limited, zone: "rack-8"))).Expect(401);
    }

    [Fact]
    public async Task A_token_limits_the_domains_under_which_buckets_are_named()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(10));
        string limited = (await server.Tokens.CreateAsync("limited", AcceleratedServer.Zone, AddressList.Any, [], "arn:test", Token, ["s3.acc.test", "s3.other.test"])).Text;
        (await server.SendAsync(AcceleratedServer.Forward, "GET", "/key", host: "bucket.s3.acc.test", envelope: server.Envelope(limited, domains: ["s3.acc.test"]))).Expect(200);
        (await server.SendAsync(AcceleratedServer.Forward, "GET", "/bucket/key", envelope: server.Envelope(limited))).Expect(200);
        string foreign = server.Envelope(limited, domains: ["s3.acc.test", "example.com"]);
        RawResponse refused = (await server.SendAsync(AcceleratedServer.Forward, "GET", "/bucket/key", envelope: foreign)).ExpectError(401, "AcceleratorRefused");
        Assert.Equal("refused", refused["x-tarn-envelope"]);
        (await server.NodeAsync("POST", AcceleratorPaths.Renew, "x", envelope: foreign)).Expect(401);

        // The limit is that of the row, whatever the same text said to another token.
        (await server.SendAsync(AcceleratedServer.Forward, "GET", "/bucket/key", envelope: server.Envelope(domains: ["s3.acc.test", "example.com"]))).Expect(200);
    }

    [Theory]
    [InlineData(true, 503, "ServiceUnavailable")]
    [InlineData(false, 500, "InternalError")]
    public async Task A_store_that_fails_while_the_token_is_looked_up_is_no_refusal_of_the_accelerator(bool isKnown, int status, string code)
    {
        var rows = new HookedKeyValueStore(new MemoryKeyValueStore());
        await using AcceleratedServer server = await AcceleratedServer.StartAsync(rows: rows);
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(10));
        rows.FailRead = key => key[0] == Tables.AcceleratorToken ? isKnown ? new StoreFailedException("the device is gone", new IOException("secret")) : new IOException("secret") : null;
        RawResponse client = (await server.SendAsync(AcceleratedServer.Resolve, "GET", "/bucket/key")).ExpectError(status, code);
        Assert.Null(client["x-tarn-envelope"]);
        Assert.DoesNotContain("secret", client.Text, StringComparison.Ordinal);

        // It is in the logs as any other request.
        Assert.Equal((status, code), ((await server.KeptAsync(client)).Status, (await server.KeptAsync(client)).ErrorCode));
        RawResponse node = (await server.NodeAsync("POST", AcceleratorPaths.Renew, "x")).ExpectError(status, code);
        Assert.Null(node["x-tarn-envelope"]);
        rows.FailRead = null;
        (await server.SendAsync(AcceleratedServer.Forward, "GET", "/bucket/key")).Expect(200);
    }

    [Theory]
    [InlineData(true, 503, "ServiceUnavailable")]
    [InlineData(false, 500, "InternalError")]
    public async Task A_store_that_fails_in_an_accelerators_own_request_is_answered_as_it_is_to_clients(bool isKnown, int status, string code)
    {
        var rows = new HookedKeyValueStore(new MemoryKeyValueStore());
        await using AcceleratedServer server = await AcceleratedServer.StartAsync(rows: rows);
        rows.FailRead = key => key[0] == Tables.AcceleratorSecret ? isKnown ? new StoreFailedException("the device is gone", new IOException("secret")) : new IOException("secret") : null;
        string answer = (await server.NodeAsync("POST", AcceleratorPaths.Renew, "x")).Expect(status).Text;
        Assert.Contains($"<Code>{code}</Code>", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_has_the_headers_that_it_has_without_an_accelerator()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(100_000));
        foreach (string target in new[] { "/bucket/key", "/bucket?list-type=2", "/bucket/none", "/none/key" })
        {
            Assert.Equal(NamesOf(await server.DirectAsync("GET", target)), NamesOf(await server.SendAsync(AcceleratedServer.Forward, "GET", target)));
        }

        // The console's page may read it, too.
        (string, string)[] page = [("Origin", server.Inner.ControlUrl)];
        RawResponse direct = await server.DirectAsync("GET", "/bucket/key", page), accelerated = await server.SendAsync(AcceleratedServer.Forward, "GET", "/bucket/key", page);
        Assert.Equal(server.Inner.ControlUrl, direct["Access-Control-Allow-Origin"]);
        Assert.Equal(NamesOf(direct), NamesOf(accelerated));

        static string[] NamesOf(RawResponse answer) => [.. answer.Headers.Select(static header => header.Name).Order(StringComparer.OrdinalIgnoreCase)];
    }

    [Fact]
    public async Task Requests_of_accelerators_are_traced_as_those_of_clients()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        var traced = new TracedRequests("/healthz");
        foreach ((ListenerRole role, string path, bool isTraced) in new[]
        {
            (ListenerRole.S3, "/metrics", true), (ListenerRole.Accelerators, "/metrics", true), (ListenerRole.Accelerators, "/health/live", true), (ListenerRole.Accelerators, "/healthz", false),
            (ListenerRole.S3, "/healthz", false), (ListenerRole.Control, "/metrics", false), (ListenerRole.Control, "/api/status", true),
        })
        {
            var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();
            http.Features.Set(role);
            http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget = path;
            (http.Request.Method, http.Request.Path) = ("GET", path);
            Assert.Equal(isTraced, traced.Includes(http));
        }
    }

    [Fact]
    public async Task A_use_of_a_share_link_names_the_accelerator_that_it_came_through()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync(static options => options with { ShareUrl = new Uri("http://share.test") });
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(10));
        using var control = new ControlApiClient(server.Inner.ControlUrl);
        string url = (await control.DataAsync(ControlServer.Root, "POST", "/api/shares", """{"bucket":"bucket","key":"key"}""")).GetProperty("url").GetString()!;
        string request = $"GET {new Uri(url).AbsolutePath} HTTP/1.1\r\nHost: share.test\r\n\r\n";
        Task<FinishedRequest> used = server.NextOfAsync("SharedFile");
        Assert.Equal(10, (await server.ExchangeAsync("GET", AcceleratedServer.With(request, server.Envelope(), AcceleratedServer.Resolve), null)).Expect(200).Body.Length);
        FinishedRequest kept = await used;
        Assert.Equal(("gpu-1", "192.0.2.7"), (kept.Accelerator, kept.Remote!.ToString()));
    }

    [Fact]
    public async Task Of_a_token_for_certain_organizations_a_workload_gets_credentials_of_their_roles_alone()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.Inner.Get<IdentityStore>().Organizations.CreateAsync(new OrganizationRequest { Name = "acme" }, Token);
        string envelope = server.Envelope((await server.Tokens.CreateAsync("limited", AcceleratedServer.Zone, AddressList.Any, ["acme"], "arn:test", Token)).Text);

        // Whether the workload's token is good is asked only where the role is one of acme's.
        Assert.Contains("InvalidIdentityToken", await AssumeAsync("arn:aws:iam::acme:role/r"), StringComparison.Ordinal);
        Assert.Contains("may not speak", await AssumeAsync("arn:aws:iam::other:role/r"), StringComparison.Ordinal);
        Assert.Contains("may not speak", await AssumeAsync("r"), StringComparison.Ordinal);
        Assert.Contains("may not speak", await ActAsync("GetCallerIdentity", "arn:aws:iam::acme:role/r"), StringComparison.Ordinal);

        Task<string> AssumeAsync(string role) => ActAsync("AssumeRoleWithWebIdentity", role);

        async Task<string> ActAsync(string action, string role)
        {
            string body = $"Action={action}&Version=2011-06-15&RoleSessionName=session&WebIdentityToken=a.b.c&RoleArn={Uri.EscapeDataString(role)}";
            string head = $"POST / HTTP/1.1\r\nHost: acc.test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {body.Length}\r\n\r\n";
            RawResponse answer = await server.ExchangeAsync("POST", AcceleratedServer.With(head, envelope, AcceleratedServer.Forward), System.Text.Encoding.ASCII.GetBytes(body));
            Assert.InRange(answer.Status, 400, 499);
            return answer.Text;
        }
    }

    [Fact]
    public async Task A_revoked_key_and_a_changed_policy_count_at_the_next_request()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(100_000));
        IdentityStore identity = server.Inner.Get<IdentityStore>();
        (_, NewAccessKey acme) = await identity.Organizations.CreateAsync(new OrganizationRequest { Name = "acme" }, Token);
        await PolicyAsync("""{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}""");
        Assert.NotNull((await GetAsync()).Expect(200)[AcceleratorHeaders.Plan]);
        await PolicyAsync("""{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}}""");
        (await GetAsync()).ExpectError(403, "AccessDenied");
        await PolicyAsync("""{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""");
        (await GetAsync()).Expect(200);
        await identity.Keys.RevokeAsync(acme.Key.Id, Token);
        (await GetAsync()).ExpectError(403, "InvalidAccessKeyId");

        Task<RawResponse> GetAsync() => server.SendAsync(AcceleratedServer.Resolve, "GET", "/bucket/key", signer: server.Signer(acme.Key.Id, acme.SecretKey));

        async Task PolicyAsync(string statement) => (await server.DirectAsync("PUT", "/bucket?policy", null, System.Text.Encoding.UTF8.GetBytes($$"""{"Statement":[{{statement}}]}"""))).Expect(204);
    }

    [Fact]
    public async Task The_addresses_that_a_disk_allows_are_those_of_clients_and_count_at_the_next_request()
    {
        using var directory = new TemporaryDirectory();
        string mount = directory.PathOf("mount");
        Directory.CreateDirectory(mount);
        await File.WriteAllTextAsync(Path.Combine(mount, "file"), "content", Token);
        await using AcceleratedServer server = await AcceleratedServer.StartAsync(options => options with { DiskRoots = [new DiskRoot(mount, null)] });
        using var control = new ControlApiClient(server.Inner.ControlUrl);
        await control.DataAsync(ControlServer.Root, "POST", "/api/disks", $$"""{"name":"d1","mounts":[{"type":"local","path":"{{mount}}"}],"allowedIps":["192.0.2.0/24"]}""");
        string disk = (await control.DataAsync(ControlServer.Root, "GET", "/api/disks"))[0].GetProperty("id").GetString()!;
        System.Text.Json.JsonElement user = await control.DataAsync(ControlServer.Root, "POST", $"/api/disks/{disk}/users", """{"type":"s3","nickname":"n"}""");
        Assert.Equal("content", (await GetAsync("resolve;for=192.0.2.9:1;tls=0")).Expect(200).Text);
        (await GetAsync("resolve;for=198.51.100.9:1;tls=0")).ExpectError(403, "AccessDenied");
        await control.DataAsync(ControlServer.Root, "PUT", $"/api/disks/{disk}/allowed-ips", """{"allowedIps":["198.51.100.0/24"]}""");
        (await GetAsync("resolve;for=192.0.2.9:1;tls=0")).ExpectError(403, "AccessDenied");
        (await GetAsync("resolve;for=198.51.100.9:1;tls=0")).Expect(200);

        Task<RawResponse> GetAsync(string call) => server.SendAsync(
            call, "GET", $"/{disk}/file", signer: server.Signer(user.GetProperty("identifier").GetString(), user.GetProperty("secretAccessKey").GetString()));
    }

    [Fact]
    public async Task A_token_that_names_no_zone_is_of_the_default_one_alone()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        string token = (await server.Tokens.CreateAsync("any", null, AddressList.Any, [], "arn:test", Token)).Text;
        (await server.NodeAsync("POST", AcceleratorPaths.Renew, "x", envelope: server.Envelope(token, zone: "default"))).Expect(200);
        (await server.NodeAsync("POST", AcceleratorPaths.Renew, "x", envelope: server.Envelope(token))).Expect(401);
    }

    [Theory]
    [InlineData("forward;for=192.0.2.9:1;tls=0", 403)]
    [InlineData("forward;for=127.0.0.1:1;tls=0", 200)]
    public async Task The_key_of_the_documentation_is_for_clients_of_this_machine(string call, int status)
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync(static options => options with { UsesDevKey = true });
        (await server.SendAsync(call, "GET", "/", host: "localhost")).Expect(status);
    }

    [Theory]
    [InlineData("Content-Length: 4\r\nTransfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked")]
    public async Task A_refused_request_whose_end_is_ambiguous_ends_its_connection(string framing)
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        string head = AcceleratedServer.With($"PUT /bucket/key HTTP/1.1\r\nHost: acc.test\r\n{framing}\r\n\r\n", server.Envelope("acc-unknown"), AcceleratedServer.Forward);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Endpoint.S3);
        await connection.WriteAsync(head + "0\r\n\r\n");
        RawResponse refused = (await connection.ReadResponseAsync("PUT"))!;
        Assert.InRange(refused.Status, 400, 499);
        Assert.Null(await connection.ReadResponseAsync("PUT"));
    }

    [Fact]
    public async Task The_listener_speaks_http_1_alone_and_answers_what_it_cannot_parse_as_s3()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        RawResponse answer = await server.ExchangeAsync("GET", "GET /bucket/\0 HTTP/1.1\r\nHost: acc.test\r\n\r\n", null);
        Assert.Equal(400, answer.Status);
        Assert.Contains("<Error>", answer.Text, StringComparison.Ordinal);
    }
}
