using System.Text.Json;
using Tarn.TestKit.Servers;
using Tarn.Tests.Control;

namespace Tarn.Tests.Sts;

/// <summary>Credentials that are issued are in the audit log, and their secrets and the tokens are not.</summary>
public sealed class StsAuditTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new("sts-audit");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Each_way_to_credentials_leaves_a_line()
    {
        string path = _directory.PathOf("audit");
        var secrets = new List<string?>();
        string issuer;
        string[] made;
        await using (StsHost host = await StsHost.StartAsync(path))
        {
            issuer = host.StandIn.Url;
            await host.CreateRoleAsync();
            string token = host.Token();
            Keys assumed = await host.AssumedAsync(token);
            Keys session = Keys.In((await host.SendAsync(Keys.Of(host.Acme), ("Action", "GetSessionToken"))).Body);
            Assert.Equal("AccessDenied", StsHost.Code((await host.AssumeAsync(host.Token("bob"))).Body));
            (_, JsonElement exchanged) = await host.Control.SendAsync(
                (Signer?)null, "POST", "/v1/cwobject/temporary-credentials/oidc", $$"""{"durationSeconds":300,"orgId":"acme","oidcToken":"{{token}}"}""");
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.ControlUrl + "/v1/cwobject/temporary-credentials/oidc/acme"));
            request.Headers.TryAddWithoutValidation("Authorization", token);
            (_, JsonElement container) = await host.Control.SendAsync(request);
            secrets.AddRange(
            [
                token, assumed.Secret, assumed.Token, session.Secret, session.Token, exchanged.GetProperty("secretKey").GetString(),
                container.GetProperty("SecretAccessKey").GetString(), container.GetProperty("Token").GetString(),
            ]);
            made = [assumed.Id, session.Id, exchanged.GetProperty("accessKeyId").GetString()!, container.GetProperty("AccessKeyId").GetString()!];
            await host.StopAsync();
        }

        string text = File.ReadAllText(path);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret!, text, StringComparison.Ordinal));
        (string, string)[] lines = [.. File.ReadLines(path).Select(static line => JsonDocument.Parse(line).RootElement)
            .Select(line => (line.GetProperty("operation").GetString()!, line.GetProperty("requester").GetString()!))];
        Assert.Contains(("AssumeRoleWithWebIdentity", "arn:aws:sts::acme:assumed-role/worker/session-1"), lines);
        Assert.Contains(("GetSessionToken", "arn:aws:iam::acme:root"), lines);
        Assert.Contains(("CwExchangeOidcToken", $"arn:aws:iam::acme:role/{issuer}:alice"), lines);
        Assert.Contains(("CwContainerCredentials", $"arn:aws:iam::acme:role/{issuer}:alice"), lines);

        // Which credentials were issued is the id to look for, and to revoke.
        Assert.Equal(made.Order(), File.ReadLines(path).Select(static line => JsonDocument.Parse(line).RootElement)
            .Where(static line => line.GetProperty("operation").GetString() is "AssumeRoleWithWebIdentity" or "GetSessionToken" or "CwExchangeOidcToken" or "CwContainerCredentials")
            .Select(static line => line.GetProperty("made").GetString()!).Order());

        // A token that is refused leaves none: anyone can send it.
        Assert.Single(lines, line => line.Item1 == "AssumeRoleWithWebIdentity");
    }
}
