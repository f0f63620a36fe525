using Tarn.Core.Identity;
using Tarn.Core.KeyValue;

namespace Tarn.Tests.Identity;

/// <summary>Temporary credentials: what they are worth, and with what they end.</summary>
public sealed class TemporaryKeyTests : TemporaryKeyTestsBase
{
    [Fact]
    public async Task They_act_as_their_user_until_they_expire()
    {
        NewTemporaryKey made = await OfUserAsync();
        Assert.Matches("^ASIA[A-Z0-9]{16}$", made.Key.Id);
        Credential found = (await FindAsync(made))!;
        Assert.Equal(("alice", made.Key.Id, made.SecretKey), (found.Principal.UserName, found.Principal.AccessKeyId, found.SecretKey));
        Assert.NotNull(found.Principal.Session);
        Assert.Equal(Fixture.Clock.GetUtcNow().ToUnixTimeSeconds() + 900, found.Expires!.Value.ToUnixTimeSeconds());
        Assert.NotNull(found.TokenHash);
        Assert.DoesNotContain(made.SecretKey, made.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task They_outlive_a_restart_and_neither_secret_nor_token_is_stored()
    {
        NewTemporaryKey made = await OfUserAsync();
        var another = new StoredCredentials(Fixture.Store, null);
        Assert.Equal(made.SecretKey, (await another.FindAsync(made.Key.Id, Token))!.SecretKey);
        foreach (KeyValueEntry row in await Fixture.AllRowsAsync())
        {
            Assert.DoesNotContain(made.SessionToken!, System.Text.Encoding.Latin1.GetString(row.Value), StringComparison.Ordinal);
            Assert.DoesNotContain(made.SecretKey, System.Text.Encoding.Latin1.GetString(row.Value), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task They_end_with_the_key_they_were_issued_for()
    {
        foreach (Func<NewAccessKey, Task> end in (Func<NewAccessKey, Task>[])
        [
            async key => await Store.Keys.RevokeAsync(key.Key.Id, Token),
            async key => await Store.Keys.RotateAsync(key.Key.Id, null, Token),
            async _ => await Store.Users.DeleteAsync("acme", "alice", Token),
            async _ => await Store.Organizations.DeleteAsync("acme", Token),
        ])
        {
            await Fixture.OrganizationAsync("acme");
            (_, NewAccessKey key) = await Fixture.UserAsync("acme", "alice");
            NewTemporaryKey made = await IssueAsync(key.Key.Id);
            Assert.NotNull(await FindAsync(made));
            await end(key);
            Assert.Null(await FindAsync(made));
            if (await Store.Organizations.FindAsync("acme", Token) is not null)
            {
                await Store.Organizations.DeleteAsync("acme", Token);
            }
        }
    }

    [Fact]
    public async Task Another_key_of_the_same_name_does_not_revive_them()
    {
        await Fixture.OrganizationAsync("acme");
        var given = new AccessKeyRequest { Id = "GIVENKEY", SecretKey = "given-secret" };
        await Store.Users.CreateAsync("acme", new UserRequest { Name = "alice", Key = given }, Token);
        NewTemporaryKey made = await IssueAsync("GIVENKEY");
        Assert.NotNull(await FindAsync(made));
        await Store.Users.DeleteAsync("acme", "alice", Token);
        await Store.Users.CreateAsync("acme", new UserRequest { Name = "alice", Key = given }, Token);
        Assert.Null(await FindAsync(made));
    }

    [Fact]
    public async Task They_expire_no_later_than_the_key_they_were_issued_for()
    {
        await Fixture.OrganizationAsync("acme");
        DateTimeOffset end = Fixture.Clock.GetUtcNow().AddMinutes(1);
        NewAccessKey key = await Store.Keys.CreateAsync("acme", null, new AccessKeyRequest { Expires = end }, Token);
        Assert.Equal(end, (await FindAsync(await IssueAsync(key.Key.Id)))!.Expires);
    }

    [Fact]
    public async Task Those_of_the_servers_root_key_are_root_users()
    {
        NewTemporaryKey made = await IssueAsync("ROOTKEY");
        Assert.True((await FindAsync(made))!.Principal.IsRoot);
        var rotated = new StoredCredentials(Store, new Credential("ROOTKEY", "another-secret", new Principal(new('0', 64), "root", "ROOTKEY") { OrganizationId = "root", UserId = "root" }, null));
        Assert.Null(await rotated.FindAsync(made.Key.Id, Token));
    }

    [Fact]
    public async Task They_end_with_the_token_they_were_issued_for()
    {
        await Fixture.OrganizationAsync("acme");
        await Fixture.UserAsync("acme", "alice");
        NewApiToken token = await Store.Tokens.CreateAsync("acme", "alice", "n", null, Token);
        NewTemporaryKey made = await Store.TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest { Organization = "acme", Source = TemporaryKeySource.ApiToken, Parent = token.Token.Id, Life = TimeSpan.FromHours(1), WithToken = true }, Token);
        Principal principal = (await FindAsync(made))!.Principal;
        Assert.Equal(("alice", false), (principal.UserName, principal.HoldsToken));
        await Store.Tokens.DeleteAsync(token.Token, Token);
        Assert.Null(await FindAsync(made));
    }

    [Fact]
    public async Task Those_of_workloads_end_with_their_issuer()
    {
        (OidcIssuer issuer, _) = await RoleAsync();
        NewTemporaryKey made = await OfWorkloadAsync(issuer, null);
        Credential found = (await FindAsync(made))!;
        Assert.Equal(("https://idp.example:alice", null, false, "arn:aws:iam::acme:role/https://idp.example:alice"),
            (found.Principal.Role, found.Principal.SessionName, found.Principal.IsRoot, found.Principal.Arn));
        Assert.Null(found.TokenHash);
        Assert.Equal(["alice"], found.Principal.Session!.Claim("idp.example:sub"));
        Assert.Null(found.Principal.Session.Claim("idp.example:other"));
        Assert.Null(found.Principal.Session.Claim("other.example:sub"));
        await Store.Issuers.DeleteAsync("acme", "idp", Token);
        Assert.Null(await FindAsync(made));
        await IssuerAsync();
        Assert.Null(await FindAsync(made));
    }

    [Fact]
    public async Task Those_of_roles_end_with_their_role_and_with_its_issuer()
    {
        (OidcIssuer issuer, IdentityRole role) = await RoleAsync();
        NewTemporaryKey made = await OfWorkloadAsync(issuer, role);
        Principal principal = (await FindAsync(made))!.Principal;
        Assert.Equal(("worker", "s", "arn:aws:sts::acme:assumed-role/worker/s", "arn:aws:iam::acme:role/worker", $"{role.Id}:s"),
            (principal.Role, principal.SessionName, principal.Arn, principal.PolicyArn, principal.UserId));
        Assert.Equal(["{}"], principal.Session!.RolePolicies);
        await Store.Roles.DeleteAsync("acme", "worker", Token);
        Assert.Null(await FindAsync(made));
        await CreateRoleAsync();
        Assert.Null(await FindAsync(made));

        NewTemporaryKey second = await OfWorkloadAsync(issuer, await Store.Roles.GetAsync("acme", "worker", Token));
        Assert.NotNull(await FindAsync(second));
        await Store.Issuers.DeleteAsync("acme", "idp", Token);
        Assert.Null(await FindAsync(second));
    }

    [Fact]
    public async Task A_revoked_one_ends()
    {
        NewTemporaryKey made = await OfUserAsync();
        Assert.Equal([made.Key.Id], (await Store.TemporaryKeys.AllAsync("acme", null, Token)).Select(key => key.Id));
        Assert.NotNull(await FindAsync(made));
        await Store.TemporaryKeys.RevokeAsync(made.Key, Token);
        Assert.Null(await FindAsync(made));
        Assert.Empty(await Store.TemporaryKeys.AllAsync("acme", null, Token));
    }

    [Fact]
    public async Task A_principal_can_have_so_many_and_no_more_until_some_expire()
    {
        NewTemporaryKey first = await OfUserAsync();
        NewAccessKey other = await Store.Keys.CreateAsync("acme", "alice", new AccessKeyRequest(), Token);
        for (int i = 1; i < new TemporaryKeyLimits().OfHolder; i++)
        {
            await IssueAsync(i % 2 == 0 ? first.Key.Parent : other.Key.Id);
        }

        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await IssueAsync(first.Key.Parent));
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await IssueAsync(other.Key.Id));
        await IssueAsync("ROOTKEY");
        Fixture.Clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(1));
        await IssueAsync(first.Key.Parent);
    }

    [Fact]
    public async Task The_server_can_have_so_many_and_no_more_until_some_expire()
    {
        var limits = new TemporaryKeyLimits(Total: 3);
        var keys = new TemporaryKeys(Store.Context, limits);
        Credential root = (await Fixture.Credentials.FindAsync("ROOTKEY", Token))!;
        TemporaryKeyRequest request = new()
        {
            Organization = "root", Source = TemporaryKeySource.AccessKey, Parent = "ROOTKEY", ParentKey = root, Life = TimeSpan.FromMinutes(15), WithToken = true,
        };
        for (int i = 0; i < 3; i++)
        {
            await keys.IssueAsync(request, Token);
        }

        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await keys.IssueAsync(request, Token));
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await new TemporaryKeys(Store.Context, limits).IssueAsync(request, Token));
        Fixture.Clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await keys.IssueAsync(request, Token));
        Fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        await keys.IssueAsync(request, Token);
        await new TemporaryKeys(Store.Context, limits).IssueAsync(request, Token);
    }

    /// <summary>One that lives for a second leaves a row that stays longer.</summary>
    [Fact]
    public async Task Short_lives_do_not_make_more_of_them()
    {
        var keys = new TemporaryKeys(Store.Context, new TemporaryKeyLimits(OfHolder: 2));
        TemporaryKeyRequest request = await OfRootAsync(TimeSpan.FromSeconds(1));
        await keys.IssueAsync(request, Token);
        await keys.IssueAsync(request, Token);
        Fixture.Clock.Advance(TimeSpan.FromMinutes(14));
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await keys.IssueAsync(request, Token));
        Fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        await keys.IssueAsync(request, Token);
    }

    [Fact]
    public async Task Neither_an_organization_nor_an_issuer_uses_up_what_others_need()
    {
        (OidcIssuer issuer, IdentityRole role) = await RoleAsync();
        OidcIssuer another = await IssuerAsync("https://other.example", "other");
        NewAccessKey key = await Store.Keys.CreateAsync("acme", null, new AccessKeyRequest(), Token);
        var keys = new TemporaryKeys(Store.Context, new TemporaryKeyLimits(OfOrganization: 4, OfIssuer: 2));
        NewTemporaryKey first = await keys.IssueAsync(Workload(issuer, null, "one"), Token);
        await keys.IssueAsync(Workload(issuer, role, "two"), Token);
        await RefusedAsync(Workload(issuer, null, "three"), "of the issuer");
        await RefusedAsync(Workload(issuer, role, "three"), "of the issuer");
        await keys.IssueAsync(Workload(another, null, "one"), Token);
        Credential parent = (await Fixture.Credentials.FindAsync(key.Key.Id, Token))!;
        TemporaryKeyRequest ofRoot = await OfRootAsync(TimeSpan.FromMinutes(15));
        await keys.IssueAsync(ofRoot with { Organization = "acme", Parent = key.Key.Id, ParentKey = parent }, Token);
        await RefusedAsync(Workload(another, null, "two"), "the organization has 4");
        await keys.IssueAsync(ofRoot, Token);

        // One that is revoked makes room, once.
        await keys.RevokeAsync(first.Key, Token);
        await keys.RevokeAsync(first.Key, Token);
        await keys.IssueAsync(Workload(issuer, null, "three"), Token);
        await RefusedAsync(Workload(another, null, "two"), "the organization has 4");

        async Task RefusedAsync(TemporaryKeyRequest request, string why)
        {
            IdentityRefusalException refusal = await Assert.ThrowsAsync<IdentityRefusalException>(async () => await keys.IssueAsync(request, Token));
            Assert.Equal(IdentityRefusalKind.Conflict, refusal.Kind);
            Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Concurrent_requests_do_not_pass_a_limit_together()
    {
        var keys = new TemporaryKeys(Store.Context, new TemporaryKeyLimits(OfHolder: 5));
        TemporaryKeyRequest request = await OfRootAsync(TimeSpan.FromMinutes(15));
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            try
            {
                await keys.IssueAsync(request, Token);
            }
            catch (IdentityRefusalException)
            {
                // As most of them are.
            }
        })));
        Assert.Equal(5, (await keys.AllAsync("root", null, Token)).Count);
    }

    /// <summary>Those of its tokens and of its keys.</summary>
    [Fact]
    public async Task All_of_a_principal_are_found_by_its_name()
    {
        NewTemporaryKey ofKey = await OfUserAsync();
        NewApiToken token = await Store.Tokens.CreateAsync("acme", "alice", "n", null, Token);
        NewTemporaryKey ofToken = await Store.TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest { Organization = "acme", User = "alice", Source = TemporaryKeySource.ApiToken, Parent = token.Token.Id, Life = TimeSpan.FromHours(1), WithToken = true }, Token);
        await IssueAsync("ROOTKEY");
        Assert.Equal(
            new[] { ofKey.Key.Id, ofToken.Key.Id }.Order(), (await Store.TemporaryKeys.AllAsync("acme", TemporaryKeys.HolderOf("acme", "alice"), Token)).Select(static key => key.Id).Order());
        Assert.Empty(await Store.TemporaryKeys.AllAsync("acme", TemporaryKeys.HolderOf("acme", null), Token));
        Assert.Single(await Store.TemporaryKeys.AllAsync("root", "root/root", Token));
    }

    /// <summary>A limited key's session is as limited, a root user's among them.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("alice")]
    public async Task They_have_the_limits_of_the_key_they_were_issued_for(string? user)
    {
        await Fixture.OrganizationAsync("acme");
        await Fixture.UserAsync("acme", "alice");
        const string Policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}""";
        NewAccessKey key = await Store.Keys.CreateAsync("acme", user, new AccessKeyRequest { Policy = Policy }, Token);
        Principal principal = (await FindAsync(await IssueAsync(key.Key.Id)))!.Principal;
        Assert.Equal((Policy, false, user is null), (principal.KeyPolicy?.Document, principal.IsRoot, principal.IsRootUser));
        Assert.False(principal.HasPermanentKey);
    }

    [Theory]
    [InlineData("http://idp.example")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("https://idp")]
    [InlineData("https://user@idp.example")]
    [InlineData("https://idp.example/?a=b")]
    [InlineData("https://idp.example/#a")]
    [InlineData("https://idp.example/*")]
    [InlineData("ftp://idp.example")]
    [InlineData("idp.example")]
    [InlineData("")]
    public async Task Issuers_have_https_urls(string url)
    {
        await Fixture.OrganizationAsync("acme");
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Invalid, async () => await IssuerAsync(url));
    }

    /// <summary>Policies name subjects ISSUER:SUBJECT: the subject 8443:bob of the first would be bob of the second.</summary>
    [Theory]
    [InlineData("https://idp.example", "https://idp.example:8443")]
    [InlineData("https://idp.example:8443", "https://idp.example")]
    [InlineData("https://idp.example/a", "https://idp.example/a:b")]
    [InlineData("https://idp.example/", "https://idp.example:8443")]
    [InlineData("https://idp.example:8443/", "https://idp.example")]
    [InlineData("https://idp.example/a", "https://idp.example/a/")]
    [InlineData("https://idp.example/a//", "https://idp.example/a")]
    [InlineData("https://idp.example/a/", "https://idp.example/a:b")]
    [InlineData("https://127.0.0.1:1/a", "http://127.0.0.1:1/a")]
    public async Task An_issuer_whose_subjects_could_be_taken_for_those_of_another_is_refused(string first, string second)
    {
        await Fixture.OrganizationAsync("acme");
        await IssuerAsync(first);
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await IssuerAsync(second, "second", plainLoopback: true));
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await IssuerAsync(first, "second"));
        await IssuerAsync("https://idp.example.org", "third");
    }

    [Fact]
    public async Task A_role_is_created_for_the_issuer_that_its_creator_saw()
    {
        await RoleAsync();
        await Store.Roles.DeleteAsync("acme", "worker", Token);
        await Store.Issuers.DeleteAsync("acme", "idp", Token);
        await IssuerAsync("https://other.example");
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.NotFound, async () => await CreateRoleAsync());
    }
}
