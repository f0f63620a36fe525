using Tarn.Core.Identity;
using Tarn.Core.KeyValue;

namespace Tarn.Tests.Identity;

/// <summary>Nothing that authenticates is made by a credential that ended before the commit.</summary>
public sealed class RequestCredentialTests
{
    private readonly IdentityFixture _fixture = new();
    private Func<RequestCredential?, ValueTask>[] _makes = [];

    private static CancellationToken Token => IdentityFixture.Token;

    private IdentityStore Store => _fixture.Store;

    [Theory]
    [InlineData("revoked")]
    [InlineData("rotated")]
    [InlineData("replaced")]
    [InlineData("user replaced")]
    [InlineData("token deleted")]
    [InlineData("user deleted")]
    [InlineData("session of a key ended")]
    [InlineData("session of a token ended")]
    [InlineData("session of itself ended")]
    [InlineData("key of a session rotated")]
    public async Task Nothing_is_made_by_a_credential_that_ends_meanwhile(string end)
    {
        await PrepareAsync();
        foreach (Func<RequestCredential?, ValueTask> make in _makes)
        {
            foreach (bool late in (bool[])[false, true])
            {
                (RequestCredential by, Func<Task> ending) = await CredentialAsync(end);
                await make(by);
                IReadOnlyList<KeyValueEntry> before = [];
                if (late)
                {
                    _fixture.Hooks.BeforeCommit = async _ =>
                    {
                        await ending();
                        before = await _fixture.AllRowsAsync();
                    };
                }
                else
                {
                    await ending();
                    before = await _fixture.AllRowsAsync();
                }

                Assert.Contains(
                    end == "token deleted" ? "token" : end.StartsWith("session", StringComparison.Ordinal) ? "session has ended" : "revoked or rotated", await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, () => make(by)), StringComparison.Ordinal);
                Assert.Equal(before.Select(Text), (await _fixture.AllRowsAsync()).Select(Text));
            }
        }
    }

    /// <summary>Its row does not exist.</summary>
    [Fact]
    public async Task The_servers_root_key_makes_everything()
    {
        await PrepareAsync();
        var root = RequestCredential.Of((await _fixture.Credentials.FindAsync("ROOTKEY", Token))!);
        foreach (Func<RequestCredential?, ValueTask> make in _makes)
        {
            await make(root);
        }
    }

    [Fact]
    public async Task When_a_key_got_another_secret_is_kept()
    {
        await _fixture.OrganizationAsync("acme");
        NewAccessKey made = await Store.Keys.CreateAsync("acme", null, new AccessKeyRequest(), Token);
        Assert.Null((await Store.Keys.GetAsync(made.Key.Id, Token)).Rotated);
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        await Store.Keys.RotateAsync(made.Key.Id, null, Token);
        Assert.Equal((made.Key.Created, made.Key.Created.AddHours(1)), ((await Store.Keys.GetAsync(made.Key.Id, Token)).Created, (await Store.Keys.GetAsync(made.Key.Id, Token)).Rotated));
    }

    private async Task PrepareAsync()
    {
        await _fixture.OrganizationAsync("acme");
        await _fixture.UserAsync("acme", "alice");
        NewAccessKey victim = await Store.Keys.CreateAsync("acme", null, new AccessKeyRequest(), Token);
        int number = 0;
        _makes =
        [
            async by => await Store.Keys.CreateAsync("acme", null, new AccessKeyRequest { By = by }, Token),
            async by => await Store.Keys.RotateAsync(victim.Key.Id, null, Token, by: by),
            async by => await Store.Tokens.CreateAsync("acme", null, "n", null, Token, by),
            async by => await Store.Users.CreateAsync("acme", new UserRequest { Name = $"user-{++number}", Key = new AccessKeyRequest { By = by } }, Token),
            async by => await Store.Organizations.CreateAsync(new OrganizationRequest { Name = $"organization-{++number}", Key = new AccessKeyRequest { By = by } }, Token),
        ];
    }

    private async Task<(RequestCredential By, Func<Task> End)> CredentialAsync(string end)
    {
        if (end == "token deleted")
        {
            ApiToken token = (await Store.Tokens.CreateAsync("acme", "alice", "n", null, Token)).Token;
            return (RequestCredential.OfToken(token.Id), async () => await Store.Tokens.DeleteAsync(token, Token));
        }

        if (await Store.Users.FindAsync("acme", "alice", Token) is null)
        {
            await _fixture.UserAsync("acme", "alice");
        }

        string id = (await Store.Keys.CreateAsync("acme", "alice", new AccessKeyRequest(), Token)).Key.Id;
        var by = RequestCredential.Of((await _fixture.Credentials.FindAsync(id, Token))!);
        if (end.Contains("session", StringComparison.Ordinal))
        {
            NewTemporaryKey session = await Store.TemporaryKeys.IssueAsync(
                new TemporaryKeyRequest
                {
                    Organization = "acme", User = "alice", Source = TemporaryKeySource.AccessKey, Parent = id, ParentKey = by.Key, Life = TimeSpan.FromHours(1), ProofHash = new byte[32], WithToken = false,
                },
                Token);
            RequestCredential through = end switch
            {
                "session of itself ended" => RequestCredential.OfSession(session.Key.Id),
                "session of a token ended" => RequestCredential.OfToken((await Store.Tokens.CreateAsync("acme", "alice", "n", null, Token)).Token.Id).By(session.Key.Id),
                _ => by.By(session.Key.Id),
            };
            return (through, async () =>
            {
                if (end == "key of a session rotated")
                {
                    await Store.Keys.RotateAsync(id, null, Token);
                }
                else
                {
                    await Store.TemporaryKeys.RevokeAsync(session.Key, Token);
                }
            });
        }

        return (by, end switch
        {
            "revoked" => async () => await Store.Keys.RevokeAsync(id, Token),
            "rotated" => async () => await Store.Keys.RotateAsync(id, null, Token),
            "user deleted" => async () => await Store.Users.DeleteAsync("acme", "alice", Token),
            _ => async () =>
            {
                await Store.Keys.RevokeAsync(id, Token);
                await Store.Keys.CreateAsync("acme", end == "replaced" ? "alice" : null, new AccessKeyRequest { Id = id, SecretKey = end == "replaced" ? "another-secret" : by.Key!.SecretKey }, Token);
            },
        });
    }

    private static string Text(KeyValueEntry row) => Convert.ToHexString(row.Key) + "=" + Convert.ToHexString(row.Value);
}
