using Tarn.Core.Identity;

namespace Tarn.Tests.Identity;

/// <summary>What tests of temporary credentials share: a store, and what credentials are issued for.</summary>
public abstract class TemporaryKeyTestsBase
{
    private protected IdentityFixture Fixture { get; } = new();

    private protected static CancellationToken Token => IdentityFixture.Token;

    private protected IdentityStore Store => Fixture.Store;

    private protected async Task<NewTemporaryKey> OfUserAsync()
    {
        await Fixture.OrganizationAsync("acme");
        (_, NewAccessKey key) = await Fixture.UserAsync("acme", "alice");
        return await IssueAsync(key.Key.Id);
    }

    private protected async Task<NewTemporaryKey> IssueAsync(string parent)
    {
        Credential found = (await Fixture.Credentials.FindAsync(parent, Token))!;
        return await Store.TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest
            {
                Organization = found.Principal.OrganizationId,
                User = found.Principal.UserName,
                Source = TemporaryKeySource.AccessKey,
                Parent = parent,
                ParentKey = found,
                Life = TimeSpan.FromMinutes(15),
                WithToken = true,
            },
            Token);
    }

    private protected async Task<OidcIssuer> IssuerAsync(string url = "https://idp.example", string name = "idp", bool plainLoopback = false) => await Store.Issuers.CreateAsync(
        new OidcIssuer { Organization = "acme", Name = name, Id = "", Url = url, Audiences = ["tarn"], Created = default }, plainLoopback, Token);

    private protected async Task<IdentityRole> CreateRoleAsync() => await Store.Roles.CreateAsync(
        new IdentityRole
        {
            Organization = "acme", Name = "worker", Id = "", Issuer = "idp", IssuerUrl = "https://idp.example", Conditions = """{"StringEquals":{"sub":"alice"}}""", Policies = ["{}"], MaxSessionSeconds = 3600, Created = default,
        },
        Token);

    private protected async Task<(OidcIssuer Issuer, IdentityRole Role)> RoleAsync()
    {
        await Fixture.OrganizationAsync("acme");
        return (await IssuerAsync(), await CreateRoleAsync());
    }

    private protected async Task<NewTemporaryKey> OfWorkloadAsync(OidcIssuer issuer, IdentityRole? role) => await Store.TemporaryKeys.IssueAsync(Workload(issuer, role, "alice"), Token);

    private protected static TemporaryKeyRequest Workload(OidcIssuer issuer, IdentityRole? role, string subject) => new()
    {
        Organization = "acme",
        Source = role is null ? TemporaryKeySource.Issuer : TemporaryKeySource.Role,
        Parent = role?.Name ?? issuer.Name,
        ParentId = role?.Id ?? issuer.Id,
        Life = TimeSpan.FromHours(1),
        WithToken = role is not null,
        Issuer = issuer,
        Subject = subject,
        SessionName = role is null ? null : "s",
        Claims = new Dictionary<string, IReadOnlyList<string>> { ["sub"] = [subject] },
    };

    private protected async Task<TemporaryKeyRequest> OfRootAsync(TimeSpan life) => new()
    {
        Organization = "root", Source = TemporaryKeySource.AccessKey, Parent = "ROOTKEY", ParentKey = await Fixture.Credentials.FindAsync("ROOTKEY", Token), Life = life, WithToken = true,
    };

    private protected async Task<Credential?> FindAsync(NewTemporaryKey key) => await Fixture.Credentials.FindAsync(key.Key.Id, Token);
}
