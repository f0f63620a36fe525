using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Identity;
using Tarn.S3.Sts;
using Tarn.TestKit.Federation;
using Tarn.TestKit.Signing;

namespace Tarn.Tests.Sts;

/// <summary>What the Security Token Service must not give away, outlive or be stopped by.</summary>
public sealed class StsAbuseTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private StsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await StsHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Anyone can write a token that says it is of a public issuer: it tells neither which organizations trust that one nor which roles there are.</summary>
    [Fact]
    public async Task Forged_tokens_do_not_tell_what_there_is()
    {
        await _host.CreateRoleAsync();
        await _host.Control.OrganizationAsync("trusts-nobody");
        using OidcStandIn other = OidcStandIn.Start(), stranger = OidcStandIn.Start();
        await _host.TrustAsync("other", other);
        DateTimeOffset now = _host.Clock.GetUtcNow();
        JsonObject unknownKey = new() { ["kid"] = "unknown" };
        await _host.AssumedAsync(_host.Token());
        var refusals = new HashSet<(int, string?, string?)>();
        foreach (string role in (string[])[StsHost.RoleArn, "arn:aws:iam::acme:role/none", "arn:aws:iam::none:role/worker", "arn:aws:iam::trusts-nobody:role/worker"])
        {
            foreach (string forged in (string[])
            [
                stranger.Sign(_host.StandIn.Claims("alice", StsHost.Audience, now)),
                stranger.Sign(_host.StandIn.Claims("alice", "another audience", now)),
                stranger.Sign(_host.StandIn.Claims("alice", StsHost.Audience, now.AddHours(-2))),
                stranger.Sign(other.Claims("alice", StsHost.Audience, now)),
                stranger.Token("alice", StsHost.Audience, now),
                "not a token",
            ])
            {
                (int status, XElement body) = await _host.AssumeAsync(forged, role);
                refusals.Add((status, StsHost.Code(body), StsHost.Text(body, "Message")));
            }
        }

        Assert.Equal((400, "InvalidIdentityToken"), Assert.Single(refusals.Select(static refusal => (refusal.Item1, refusal.Item2)).Distinct()));
        Assert.Single(refusals);

        // While its keys are not asked for again, a key that is not known may be a new one, whoever is asked.
        refusals.Clear();
        foreach (string role in (string[])[StsHost.RoleArn, "arn:aws:iam::acme:role/none", "arn:aws:iam::none:role/worker", "arn:aws:iam::trusts-nobody:role/worker"])
        {
            (int status, XElement body) = await _host.AssumeAsync(_host.StandIn.Sign(_host.StandIn.Claims("alice", StsHost.Audience, now), header: unknownKey), role);
            refusals.Add((status, StsHost.Code(body), StsHost.Text(body, "Message")));
        }

        Assert.Equal("IDPCommunicationError", Assert.Single(refusals).Item2);

        // A good token is told the same of a role that is not there as of one that is not for it.
        refusals.Clear();
        foreach ((string role, string subject) in ((string, string)[])
            [(StsHost.RoleArn, "bob"), ("arn:aws:iam::acme:role/none", "alice"), ("arn:aws:iam::none:role/worker", "alice"), ("arn:aws:iam::trusts-nobody:role/worker", "alice")])
        {
            (int status, XElement body) = await _host.AssumeAsync(_host.Token(subject), role);
            refusals.Add((status, StsHost.Code(body), StsHost.Text(body, "Message")));
        }

        Assert.Equal("AccessDenied", Assert.Single(refusals).Item2);
        Assert.Equal(0, stranger.JwksRequests);
    }

    /// <summary>The credential that verified the signature is the one that the session is for.</summary>
    [Fact]
    public async Task A_key_that_is_rotated_while_it_asks_gets_no_session()
    {
        RacingCredentials racing = null!;
        await using StsHost host = await StsHost.StartAsync(more: services =>
        {
            var inner = (ICredentialSource)services.Last(static service => service.ServiceType == typeof(ICredentialSource)).ImplementationInstance!;
            services.AddSingleton<ICredentialSource>(racing = new RacingCredentials(inner));
        });
        racing.AfterNext = async () => await host.Identity.Keys.RotateAsync(host.Acme.Id!, null, StsHost.Cancel);
        Assert.Equal((403, "InvalidClientTokenId"), Refusal(await host.SendAsync(Keys.Of(host.Acme), ("Action", "GetSessionToken"))));
        Assert.Empty(await host.Identity.TemporaryKeys.AllAsync("acme", null, StsHost.Cancel));
    }

    /// <summary>Whoever sends them need not be known: they leave the documents of all others alone.</summary>
    [Fact]
    public async Task Forms_that_are_never_finished_stop_nobody_but_this_service_and_end()
    {
        Assert.True((await _host.S3Async(Keys.Of(_host.Acme), "PUT", "data")).IsSuccess);
        var slow = new List<TcpClient>();
        try
        {
            while (_host.Forms.Used + 4096 <= StsService.FormsCapacity)
            {
                var client = new TcpClient();
                slow.Add(client);
                await client.ConnectAsync(_host.S3Url.Host, _host.S3Url.Port, StsHost.Cancel);
                int before = _host.Forms.Used;
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                    $"POST / HTTP/1.1\r\nHost: {_host.S3Url.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 80000\r\n\r\n{new string('a', 5000)}"), StsHost.Cancel);
                await UntilAsync(() => _host.Forms.Used > before);
            }

            Assert.Equal(0, _host.Documents.Used);
            const string Policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}""";
            Assert.True((await _host.S3Async(Keys.Of(_host.Acme), "PUT", "data", null, Policy, "policy")).IsSuccess);
            Task<(int Status, XElement Body)> refused = _host.SendAsync(Keys.Of(_host.Acme), ("Action", "GetCallerIdentity"));
            await UntilAsync(() => _host.Forms.Waiters > 0);
            _host.Clock.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal((503, "ServiceUnavailable"), Refusal(await refused));
            _host.Clock.Advance(StsService.MaxReading);
            foreach (TcpClient client in slow)
            {
                using var reader = new StreamReader(client.GetStream());
                Assert.StartsWith("HTTP/1.1 400 ", await reader.ReadLineAsync(StsHost.Cancel).AsTask().WaitAsync(Patience, StsHost.Cancel), StringComparison.Ordinal);
            }

            Assert.Equal("arn:aws:iam::acme:root", StsHost.Text((await _host.SendAsync(Keys.Of(_host.Acme), ("Action", "GetCallerIdentity"))).Body, "Arn"));
        }
        finally
        {
            slow.ForEach(static client => client.Dispose());
        }
    }

    /// <summary>A URL may be valid for a week, and is in logs: no credentials are issued for one.</summary>
    [Theory]
    [InlineData("GetSessionToken")]
    [InlineData("AssumeRoleWithWebIdentity")]
    public async Task Presigned_requests_get_no_credentials(string action)
    {
        await _host.CreateRoleAsync();
        var signer = new SigV4TestSigner(_host.Acme.Id!, _host.Acme.Secret, "us-east-1", "sts");
        using HttpRequestMessage request = _host.Get("/");
        string parameters = action == "GetSessionToken" ? "" : $"&RoleArn={Uri.EscapeDataString(StsHost.RoleArn)}&RoleSessionName=session-1&WebIdentityToken={_host.Token()}";
        string target = signer.Presign(
            "GET", $"/?Action={action}&Version=2011-06-15{parameters}", new Dictionary<string, string> { ["host"] = request.RequestUri!.Authority }, _host.Clock.GetUtcNow(), 60, SigV4TestSigner.EmptySha256);
        using HttpRequestMessage asked = _host.Get(target);
        Assert.Equal((403, "AccessDenied"), Refusal(await _host.SendAsync(asked)));
        Assert.Empty(await _host.Identity.TemporaryKeys.AllAsync("acme", null, StsHost.Cancel));
    }

    private static (int Status, string? Code) Refusal((int Status, XElement Body) answer) => (answer.Status, StsHost.Code(answer.Body));

    private static async Task UntilAsync(Func<bool> holds)
    {
        // The server takes from its budget as it reads; nothing tells the test.
        using var limit = new CancellationTokenSource(Patience);
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(1, StsHost.Cancel);
        }
    }

    /// <summary>Runs an action once, between the look-up of a credential and whatever is done with it.</summary>
    private sealed class RacingCredentials(ICredentialSource inner) : ICredentialSource
    {
        public Func<Task>? AfterNext { get; set; }

        public async ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken)
        {
            Credential? found = await inner.FindAsync(accessKeyId, cancellationToken);
            if (AfterNext is { } act)
            {
                AfterNext = null;
                await act();
            }

            return found;
        }
    }
}
