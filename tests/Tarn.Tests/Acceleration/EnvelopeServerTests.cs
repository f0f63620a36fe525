using Tarn.Core.Acceleration;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.S3.Telemetry;
using Tarn.Server.Configuration;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
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
        (await server.SendUnsignedAsync($"forward;for=192.0.2.9:1;tls={(isClientTls ? 1 : 0)}", "GET", "/bucket/key", null, ("X-Forwarded-Proto", "https"))).Expect(isSecure ? 200 : 403);
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
