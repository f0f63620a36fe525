using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Control;

/// <summary>
/// The sender of a request decides when its body arrives. Whoever has stolen a credential must not be able to keep requests for the moment after it was revoked.
/// </summary>
public sealed class StalledRequestTests : IAsyncLifetime
{
    private ControlServer _server = null!;
    private Signer _acme = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("revoked")]
    [InlineData("rotated")]
    [InlineData("replaced")]
    [InlineData("token deleted")]
    public async Task No_endpoint_answers_to_a_credential_that_ended_before_the_body_was_there(string end)
    {
        var wrong = new List<string>();
        foreach (ControlEndpoint endpoint in ControlEndpoint.Mapped(_server.Services).Where(static one => one is { IsAuthenticated: true, StreamsBody: false }))
        {
            (Signer stolen, Func<Task> ending) = await CredentialAsync(end);
            RawResponse answer = await StallAsync(stolen, endpoint.Method, Regex.Replace(endpoint.Path, @"\{[^}]*\}", "x"), "{}", ending);
            if (answer.Status != 401)
            {
                wrong.Add($"{endpoint.Name}: {answer.Status}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_request_whose_body_is_late_is_answered_while_its_credential_is_valid()
    {
        foreach (string kind in (string[])["revoked", "token deleted"])
        {
            (Signer signer, _) = await CredentialAsync(kind);
            Assert.Equal(201, (await StallAsync(signer, "POST", "/api/keys", "{}", static () => Task.CompletedTask)).Status);
        }
    }

    /// <summary>Rights too are those that the requester has when the body is there.</summary>
    [Fact]
    public async Task A_user_that_is_deleted_and_created_again_is_another_one()
    {
        const string User = """{"name":"alice","accessKey":"ALICEKEY","secretKey":"alice-secret"}""";
        await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", User);
        RawResponse answer = await StallAsync(new Signer("ALICEKEY", "alice-secret"), "POST", "/api/keys", """{"policy":"read-only"}""", async () =>
        {
            await _server.DataAsync(_acme, "DELETE", "/api/organizations/acme/users/alice");
            await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", User);
        });
        Assert.Equal(401, answer.Status);
        Assert.Single((await _server.DataAsync(_acme, "GET", "/api/keys?user=alice")).GetProperty("keys").EnumerateArray());
    }

    /// <summary>A credential of acme's root user, and what ends it.</summary>
    private async Task<(Signer Signer, Func<Task> End)> CredentialAsync(string end)
    {
        if (end == "token deleted")
        {
            JsonElement token = await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t"}""");
            return (new Signer(null, token.GetProperty("token").GetString()!), () => _server.DataAsync(_acme, "DELETE", $"/api/tokens/{token.GetProperty("id").GetString()}"));
        }

        Signer key = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/keys", "{}"));
        return (key, end switch
        {
            "revoked" => () => _server.DataAsync(_acme, "DELETE", $"/api/keys/{key.Id}"),
            "rotated" => () => _server.DataAsync(_acme, "POST", $"/api/keys/{key.Id}/rotate"),
            _ => async () =>
            {
                await _server.DataAsync(_acme, "DELETE", $"/api/keys/{key.Id}");
                await _server.DataAsync(_acme, "POST", "/api/keys", $$"""{"accessKey":"{{key.Id}}","secretKey":"another-secret"}""");
            },
        });
    }

    /// <summary>Sends the head of a request, does something once the server has authenticated it and asks for the body, and sends the body.</summary>
    private async Task<RawResponse> StallAsync(Signer signer, string method, string path, string body, Func<Task> meanwhile)
    {
        var target = new Uri(_server.Url + path);
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        var head = new StringBuilder($"{method} {path} HTTP/1.1\r\nHost: {target.Authority}\r\nExpect: 100-continue\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n");
        foreach ((string name, string value) in signer.Headers(method, target, bytes))
        {
            head.Append($"{name}: {value}\r\n");
        }

        await using RawConnection connection = await RawConnection.OpenAsync(target);
        await connection.WriteAsync(head.Append("\r\n").ToString());
        RawResponse asked = (await connection.ReadResponseAsync(method))!;
        Assert.True(asked.Status == 100, $"{method} {path}: {asked.Status} {Encoding.UTF8.GetString(asked.Body)}");
        await meanwhile();
        await connection.WriteAsync(bytes);
        return (await connection.ReadResponseAsync(method))!;
    }
}
