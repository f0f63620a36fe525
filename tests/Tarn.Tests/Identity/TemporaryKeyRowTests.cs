using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Tests.Identity;

/// <summary>The rows of temporary credentials: what is in them, when they are written, and when they go.</summary>
public sealed class TemporaryKeyRowTests : TemporaryKeyTestsBase
{
    /// <summary>A list of claims has one name: a row is no larger than the token it is of.</summary>
    [Fact]
    public async Task The_name_of_a_claim_is_stored_once()
    {
        (OidcIssuer issuer, _) = await RoleAsync();
        string name = new('n', 1000);
        string[] values = [.. Enumerable.Range(0, 1000).Select(static i => $"v{i}\0")];
        NewTemporaryKey made = await Store.TemporaryKeys.IssueAsync(
            Workload(issuer, null, "alice") with { Claims = new Dictionary<string, IReadOnlyList<string>> { [name] = values, ["sub"] = ["alice"] } }, Token);
        Assert.InRange((await Fixture.Rows.GetAsync(Tables.TemporaryKeyKey(made.Key.Id), Token))!.Length, 1000, 10_000);
        SessionGrant grant = (await FindAsync(made))!.Principal.Session!;
        Assert.Equal(values, grant.Claim("idp.example:" + name));
        Assert.Equal(["alice"], grant.Claim("idp.example:sub"));
    }

    /// <summary>The id is in every URL that the session signs.</summary>
    [Fact]
    public async Task A_session_of_the_console_is_found_by_the_secret_of_its_cookie_alone()
    {
        TemporaryKeyRequest request = await OfRootAsync(TimeSpan.FromHours(1)) with { WithToken = false };
        NewTemporaryKey session = await Store.TemporaryKeys.IssueAsync(request with { ProofHash = new byte[32] }, Token), other = await Store.TemporaryKeys.IssueAsync(request with { ProofHash = new byte[32] }, Token);
        NewTemporaryKey none = await Store.TemporaryKeys.IssueAsync(request, Token);
        Assert.Equal((32, 32, 0), (session.CookieSecret.Length, other.CookieSecret.Length, none.CookieSecret.Length));
        Assert.Equal(session.Key.Id, (await Store.TemporaryKeys.FindConsoleAsync(session.Key.Id, session.CookieSecret, Token))!.Id);
        Assert.True((await FindAsync(session))!.Principal.Session!.IsConsole);
        Assert.False((await FindAsync(none))!.Principal.Session!.IsConsole);
        foreach ((string id, ReadOnlyMemory<byte> secret) in ((string, ReadOnlyMemory<byte>)[])
            [(session.Key.Id, other.CookieSecret), (session.Key.Id, default), (session.Key.Id, new byte[32]), (none.Key.Id, none.CookieSecret), (none.Key.Id, session.CookieSecret), ("ROOTKEY", session.CookieSecret)])
        {
            Assert.Null(await Store.TemporaryKeys.FindConsoleAsync(id, secret, Token));
        }

        byte[] row = (await Fixture.Rows.GetAsync(Tables.TemporaryKeyKey(session.Key.Id), Token))!;
        Assert.True(row.AsSpan().IndexOf(session.CookieSecret.Span) < 0);
        await Store.TemporaryKeys.RevokeAsync(session.Key, Token);
        Assert.Null(await Store.TemporaryKeys.FindConsoleAsync(session.Key.Id, session.CookieSecret, Token));
    }

    [Fact]
    public async Task A_row_has_a_limit()
    {
        (OidcIssuer issuer, _) = await RoleAsync();
        int before = (await Fixture.AllRowsAsync()).Count;
        TemporaryKeyRequest large = Workload(issuer, null, "alice") with { Claims = new Dictionary<string, IReadOnlyList<string>> { ["c"] = [new string('\u4E2D', 32 * 1024)] } };
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Invalid, async () => await Store.TemporaryKeys.IssueAsync(large, Token));
        Assert.Equal(before, (await Fixture.AllRowsAsync()).Count);
    }

    /// <summary>What they are for is looked at again when they are written.</summary>
    [Fact]
    public async Task None_are_issued_for_what_ends_meanwhile()
    {
        (OidcIssuer issuer, IdentityRole role) = await RoleAsync();
        (_, NewAccessKey key) = await Fixture.UserAsync("acme", "alice");
        NewApiToken token = await Store.Tokens.CreateAsync("acme", "alice", "n", null, Token);
        TemporaryKeyRequest ofKey = new()
        {
            Organization = "acme", User = "alice", Source = TemporaryKeySource.AccessKey, Parent = key.Key.Id, ParentKey = await Fixture.Credentials.FindAsync(key.Key.Id, Token),
            Life = TimeSpan.FromHours(1), WithToken = true,
        };
        foreach ((TemporaryKeyRequest request, Func<Task> end) in ((TemporaryKeyRequest, Func<Task>)[])
        [
            (ofKey with { Source = TemporaryKeySource.ApiToken, Parent = token.Token.Id, ParentKey = null }, async () => await Store.Tokens.DeleteAsync(token.Token, Token)),
            (ofKey, async () => await Store.Keys.RotateAsync(key.Key.Id, null, Token)),
            (Workload(issuer, role, "alice"), async () => await Store.Roles.DeleteAsync("acme", "worker", Token)),
            (Workload(issuer, null, "alice"), async () =>
            {
                await Store.Issuers.DeleteAsync("acme", "idp", Token);
                await IssuerAsync();
            }),
        ])
        {
            // Before the commit, and before the rows are read.
            Fixture.Hooks.BeforeCommit = _ => end();
            await IdentityFixture.RefusalAsync(IdentityRefusalKind.NotFound, async () => await Store.TemporaryKeys.IssueAsync(request, Token));
            await IdentityFixture.RefusalAsync(IdentityRefusalKind.NotFound, async () => await Store.TemporaryKeys.IssueAsync(request, Token));
        }

        Assert.Empty(await Store.TemporaryKeys.AllAsync("acme", null, Token));
    }

    /// <summary>A request whose commit loses to a change that does not concern it is made again.</summary>
    [Fact]
    public async Task A_change_of_what_they_are_for_that_does_not_end_it_does_not_refuse_them()
    {
        await Fixture.OrganizationAsync("acme");
        (_, NewAccessKey key) = await Fixture.UserAsync("acme", "alice");
        byte[] row = Tables.AccessKeyKey(key.Key.Id);
        Fixture.Hooks.BeforeCommit = async _ =>
        {
            byte[] old = (await Fixture.Rows.GetAsync(row, Token))!;
            AccessKey changed = AccessKey.Decode(old) with { Expires = Fixture.Clock.GetUtcNow().AddHours(1) };
            await Fixture.Rows.CommitAsync(new KeyValueBatch().Put(row, changed.Encode()), Token);
        };
        Assert.NotNull(await FindAsync(await IssueAsync(key.Key.Id)));
        Assert.Single(await Store.TemporaryKeys.AllAsync("acme", null, Token));
    }

    /// <summary>A damaged row is one that nobody can use; the others, and new ones, are as good as before.</summary>
    [Fact]
    public async Task A_row_that_does_not_decode_stops_nothing()
    {
        NewTemporaryKey damaged = await OfUserAsync(), other = await IssueAsync("ROOTKEY");
        byte[] row = Tables.TemporaryKeyKey(damaged.Key.Id);
        await Fixture.Rows.CommitAsync(new KeyValueBatch().Put(row, [0xEE]), Token);
        var reported = new List<Exception>();
        var keys = new TemporaryKeys(Store.Context);
        keys.OnDamaged(reported.Add);
        await keys.IssueAsync(await OfRootAsync(TimeSpan.FromMinutes(15)), Token);
        Assert.Contains("temporary", Assert.Single(reported).Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(await keys.AllAsync("acme", null, Token));
        Assert.Equal(2, (await keys.AllAsync("root", null, Token)).Count);
        Fixture.Clock.Advance(TimeSpan.FromMinutes(15) + TemporaryKeys.KeptFor);
        Assert.Equal(3, await keys.SweepAsync(Token));
        Assert.Null(await Fixture.Rows.GetAsync(row, Token));
        Assert.Null(await Fixture.Rows.GetAsync(Tables.TemporaryKeyKey(other.Key.Id), Token));
    }

    /// <summary>Each count reads all rows: a store that fails is not asked again by every request.</summary>
    [Fact]
    public async Task A_count_that_failed_is_tried_again_after_a_while()
    {
        var keys = new TemporaryKeys(Store.Context);
        TemporaryKeyRequest request = await OfRootAsync(TimeSpan.FromMinutes(15));
        await keys.IssueAsync(request, Token);
        keys = new TemporaryKeys(Store.Context);
        int scans = 0;
        Fixture.Hooks.FailScan = key => key[0] == Tables.TemporaryKey && ++scans > 0 ? new IOException("no device") : null;
        await Assert.ThrowsAsync<IOException>(async () => await keys.IssueAsync(request, Token));
        Fixture.Hooks.FailScan = null;
        await Assert.ThrowsAsync<IOException>(async () => await keys.IssueAsync(request, Token));
        Assert.Equal(1, scans);
        Fixture.Clock.Advance(TimeSpan.FromSeconds(5));
        await keys.IssueAsync(request, Token);
    }

    [Fact]
    public async Task Expired_ones_are_removed_an_hour_later_with_all_their_rows()
    {
        NewTemporaryKey made = await OfUserAsync();
        int before = (await Fixture.AllRowsAsync()).Count;
        Fixture.Clock.Advance(TimeSpan.FromMinutes(15) + TemporaryKeys.KeptFor - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await Store.TemporaryKeys.SweepAsync(Token));
        Assert.NotNull(await FindAsync(made));
        Fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await Store.TemporaryKeys.SweepAsync(Token));
        Assert.Equal(before - 3, (await Fixture.AllRowsAsync()).Count);
        Assert.DoesNotContain(await Fixture.AllRowsAsync(), row => row.Key[0] is Tables.TemporaryKey or Tables.TemporaryKeyByExpiry or Tables.TemporaryKeyByHolder);
    }
}
