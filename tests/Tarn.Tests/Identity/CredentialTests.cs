using Tarn.Core.Identity;

namespace Tarn.Tests.Identity;

public sealed class CredentialTests
{
    private readonly IdentityFixture _fixture = new();

    private static CancellationToken Token => IdentityFixture.Token;

    private IdentityStore Store => _fixture.Store;

    [Fact]
    public async Task A_key_speaks_for_its_user_and_an_organizations_key_for_its_root_user()
    {
        (Organization acme, NewAccessKey rootKey) = await Store.Organizations.CreateAsync(
            new OrganizationRequest { Name = "acme", DisplayName = "Acme" }, Token);
        (User alice, NewAccessKey key) = await Store.Users.CreateAsync("acme", new UserRequest { Name = "alice", Groups = ["b", "a", "b"] }, Token);
        Credential root = (await FindAsync(rootKey.Key.Id))!;
        Assert.Equal(rootKey.SecretKey, root.SecretKey);
        Assert.Equal(
            (acme.CanonicalId, "Acme", "acme", (string?)null, "acme", true, "arn:aws:iam::acme:root"),
            (root.Principal.OwnerId, root.Principal.DisplayName, root.Principal.OrganizationId, root.Principal.UserName, root.Principal.UserId, root.Principal.IsRoot, root.Principal.Arn));
        Credential user = (await FindAsync(key.Key.Id))!;
        Assert.Equal(
            (acme.CanonicalId, "alice", alice.UserId, false, "arn:aws:iam::acme:user/alice"),
            (user.Principal.OwnerId, user.Principal.UserName, user.Principal.UserId, user.Principal.IsRoot, user.Principal.Arn));
        Assert.Equal(["a", "b"], user.Principal.Groups);
        Assert.Matches("^AIDA[A-Z0-9]{17}$", alice.UserId);
        Assert.Matches("^[A-Z0-9]{20}$", key.Key.Id);
        Assert.Matches("^[A-Za-z0-9]{40}$", key.SecretKey);
    }

    [Fact]
    public async Task A_key_of_a_disk_is_no_root_users()
    {
        await _fixture.OrganizationAsync("acme");
        NewAccessKey key = await Store.Keys.CreateAsync("acme", null, new AccessKeyRequest { DiskScope = "dsk-0" }, Token);
        Principal principal = (await FindAsync(key.Key.Id))!.Principal;
        Assert.Equal(("dsk-0", false), (principal.DiskScope, principal.IsRoot));
    }

    [Fact]
    public async Task What_is_taken_away_is_gone_with_the_next_request()
    {
        await _fixture.OrganizationAsync("acme");
        (_, NewAccessKey first) = await _fixture.UserAsync("acme", "alice");
        NewAccessKey second = await Store.Keys.CreateAsync("acme", "alice", new AccessKeyRequest(), Token);
        NewAccessKey root = await Store.Keys.CreateAsync("acme", null, new AccessKeyRequest(), Token);
        foreach (NewAccessKey key in new[] { first, second, root })
        {
            Assert.NotNull(await FindAsync(key.Key.Id));
        }

        await Store.Keys.RevokeAsync(first.Key.Id, Token);
        Assert.Null(await FindAsync(first.Key.Id));
        NewAccessKey rotated = await Store.Keys.RotateAsync(second.Key.Id, null, Token);
        Assert.NotEqual(second.SecretKey, rotated.SecretKey);
        Assert.Equal(rotated.SecretKey, (await FindAsync(second.Key.Id))!.SecretKey);
        await Store.Users.SetGroupAsync("acme", "alice", "admins", member: true, Token);
        Assert.Equal(["admins"], (await FindAsync(second.Key.Id))!.Principal.Groups);
        await Store.Users.SetGroupAsync("acme", "alice", "admins", member: false, Token);
        Assert.Empty((await FindAsync(second.Key.Id))!.Principal.Groups);
        await Store.Users.DeleteAsync("acme", "alice", Token);
        Assert.Null(await FindAsync(second.Key.Id));
        await Store.Organizations.DeleteAsync("acme", Token);
        Assert.Null(await FindAsync(root.Key.Id));
    }

    [Fact]
    public async Task A_lookup_that_read_before_a_revocation_keeps_nothing()
    {
        await _fixture.OrganizationAsync("acme");
        NewAccessKey key = await Store.Keys.CreateAsync("acme", null, new AccessKeyRequest(), Token);
        Task<Credential?> lookup = null!;
        _fixture.Hooks.AfterCommit = async _ => await Task.Yield();
        // The lookup runs during the revocation's commit: it reads the row that is about to be removed.
        _fixture.Hooks.BeforeCommit = async _ => await (lookup = FindAsync(key.Key.Id));
        await Store.Keys.RevokeAsync(key.Key.Id, Token);
        Assert.NotNull(await lookup);
        Assert.Null(await FindAsync(key.Key.Id));
    }

    [Fact]
    public async Task Expiry_is_told_and_a_key_cannot_be_made_expired()
    {
        await _fixture.OrganizationAsync("acme");
        DateTimeOffset end = _fixture.Clock.GetUtcNow().AddMilliseconds(1500);
        NewAccessKey key = await Store.Keys.CreateAsync("acme", null, new AccessKeyRequest { Expires = end }, Token);
        Assert.Equal(end.AddMilliseconds(500), key.Key.Expires);
        Assert.Equal(key.Key.Expires, (await FindAsync(key.Key.Id))!.Expires);
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        Assert.True((await FindAsync(key.Key.Id))!.Expires <= _fixture.Clock.GetUtcNow());
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Invalid, async () =>
            await Store.Keys.CreateAsync("acme", null, new AccessKeyRequest { Expires = end }, Token));
    }

    [Fact]
    public async Task Keys_that_do_not_exist_take_no_memory()
    {
        foreach (string id in new[] { "no-such-key", "", "a", new('x', 5000), "a/b", "a\0b" })
        {
            Assert.Null(await FindAsync(id));
        }

        Assert.Equal(0, _fixture.Credentials.Count);
    }

    [Fact]
    public async Task The_servers_root_key_is_always_known() => Assert.Equal("root-secret", (await FindAsync("ROOTKEY"))!.SecretKey);

    [Fact]
    public async Task Keys_are_listed_by_user()
    {
        await _fixture.OrganizationAsync("acme");
        (_, NewAccessKey alice) = await _fixture.UserAsync("acme", "alice");
        (_, NewAccessKey al) = await _fixture.UserAsync("acme", "al");
        Assert.Equal([alice.Key.Id], (await Store.Keys.ListAsync("acme", "alice", null, 10, Token)).Items.Select(k => k.Id));
        Assert.Equal([al.Key.Id], (await Store.Keys.ListAsync("acme", "al", null, 10, Token)).Items.Select(k => k.Id));
        var all = new List<AccessKey>();
        string? after = null;
        do
        {
            IdentityPage<AccessKey> page = await Store.Keys.ListAsync("acme", null, after, 1, Token);
            all.Add(Assert.Single(page.Items));
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal([null, "al", "alice"], all.Select(key => key.User));
        Assert.Equal(3, (await Store.Keys.AllAsync("acme", Token)).Count);
    }

    [Fact]
    public async Task A_key_cannot_be_made_for_a_user_that_is_deleted_meanwhile()
    {
        await _fixture.OrganizationAsync("acme");
        await _fixture.UserAsync("acme", "alice");
        _fixture.Hooks.BeforeCommit = async _ => await Store.Users.DeleteAsync("acme", "alice", Token);
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.NotFound, async () =>
            await Store.Keys.CreateAsync("acme", "alice", new AccessKeyRequest(), Token));
        Assert.Single(await Store.Keys.AllAsync("acme", Token));
    }

    [Theory]
    [InlineData("alice", null, null, "the user 'alice' of organization 'acme' is taken")]
    [InlineData("bob", "id-1", null, "the user id 'id-1' is taken")]
    [InlineData("bob", null, "A@b.c", "the e-mail address 'A@b.c' is taken")]
    public async Task What_another_user_has_is_refused(string name, string? userId, string? email, string message)
    {
        await _fixture.OrganizationAsync("acme");
        await Store.Users.CreateAsync("acme", new UserRequest { Name = "alice", UserId = "id-1", Email = "a@b.c" }, Token);
        Assert.Equal(message, await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () =>
            await Store.Users.CreateAsync("acme", new UserRequest { Name = name, UserId = userId, Email = email }, Token)));
    }

    private async Task<Credential?> FindAsync(string id) => await _fixture.Credentials.FindAsync(id, Token);
}
