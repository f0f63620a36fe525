using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Access;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Access;

/// <summary>
/// Organizations and users that exist on first use: the key <c>org</c> belongs to a root user, <c>org.user</c> to a user, <c>org@subject</c> to a workload.
/// </summary>
internal sealed class TestIdentity : ICredentialSource, IAccountDirectory, IOrganizationPolicySource
{
    public const string Secret = "secret-of-everybody";

    private readonly Dictionary<string, OrganizationPolicies> _policies = [];
    private readonly Dictionary<string, KeyPolicy> _keyPolicies = [];

    /// <summary>The canonical user id of an organization.</summary>
    public static string IdOf(string organization) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(organization)));

    public static Principal PrincipalOf(string key)
    {
        if (key.Split('@', 2) is [var trusting, var subject])
        {
            return PrincipalOf(trusting) with { AccessKeyId = key, UserId = key, Role = "https://idp.example:" + subject, Session = new SessionGrant { Issuer = "https://idp.example" } };
        }

        string[] parts = key.Split('.', 2);
        string? disk = parts is [_, "disk"] ? "dsk-0000000000000001" : null;
        return new Principal(IdOf(parts[0]), parts[0].ToUpperInvariant(), key)
        {
            OrganizationId = parts[0],
            UserName = disk is null && parts.Length > 1 ? parts[1] : null,
            UserId = key,
            DiskScope = disk,
        };
    }

    /// <summary>Gives an organization one policy.</summary>
    public void SetPolicy(string organization, string statements) => _policies[IdOf(organization)] = new OrganizationPolicies(
        [OrganizationPolicy.Parse(
            Encoding.UTF8.GetBytes($$"""{"policy": {"version":"v1alpha1","name":"p","statements":[{{statements}}] } }"""), organization)]);

    /// <summary>Gives a key a policy: that of a user, or of the root user if its name is <c>org</c> and more, such as <c>a!limited</c>.</summary>
    /// <param name="statements">The statements of its policy.</param>
    public void SetKeyPolicy(string key, params string[] statements)
    {
        string document = $$"""{"Version":"2012-10-17","Statement":[{{string.Join(',', statements)}}]}""";
        IdentityPolicy.Parse(Encoding.UTF8.GetBytes(document));
        _keyPolicies[key] = new KeyPolicy(document);
    }

    public ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken)
    {
        // What follows an exclamation mark tells keys of one user apart.
        Principal user = PrincipalOf(accessKeyId.Split('!')[0]);
        return new(new Credential(accessKeyId, Secret, user with { AccessKeyId = accessKeyId, KeyPolicy = _keyPolicies.GetValueOrDefault(accessKeyId) }, null));
    }

    public ValueTask<Account?> FindByCanonicalIdAsync(string canonicalId, CancellationToken cancellationToken) =>
        new(new[] { "a", "b", "c" }.Where(name => IdOf(name) == canonicalId).Select(Describe).FirstOrDefault());

    public ValueTask<bool> RoleExistsAsync(string organization, string role, CancellationToken cancellationToken) => new(organization is "a" && role == "role");

    public ValueTask<bool> ExistsAsync(string organization, string? user, CancellationToken cancellationToken) =>
        new(organization is "a" or "b" or "c" && user is null or "user" or "other");

    public ValueTask<IReadOnlyList<Account>> FindByEmailAsync(string email, CancellationToken cancellationToken) => new(email switch
    {
        "b@example.com" => [Describe("b")],
        "both@example.com" => [Describe("a"), Describe("b")],
        _ => [],
    });

    ValueTask<OrganizationPolicies> IOrganizationPolicySource.FindAsync(string canonicalId, CancellationToken cancellationToken) =>
        new(_policies.GetValueOrDefault(canonicalId, OrganizationPolicies.None));

    private static Account Describe(string name) => new(name, IdOf(name), name.ToUpperInvariant());
}
