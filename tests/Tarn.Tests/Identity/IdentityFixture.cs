using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Identity;

/// <summary>An identity store in memory, with commits that a test can intercept and a clock that it sets.</summary>
internal sealed class IdentityFixture
{
    public IdentityFixture()
    {
        Hooks = new HookedKeyValueStore(Rows);
        Store = new IdentityStore(Hooks, new ReversibleProtector(), "ROOTKEY", Clock, new SeededRandomSource(7));
        Credentials = new StoredCredentials(Store, new Credential(
            "ROOTKEY", "root-secret", new Principal(new('0', 64), "root", "ROOTKEY") { OrganizationId = "root", UserId = "root" }, null));
    }

    public MemoryKeyValueStore Rows { get; } = new();

    public HookedKeyValueStore Hooks { get; }

    public FakeTimeProvider Clock { get; } = new();

    public IdentityStore Store { get; }

    public StoredCredentials Credentials { get; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task<Organization> OrganizationAsync(string name) =>
        (await Store.Organizations.CreateAsync(new OrganizationRequest { Name = name }, Token)).Organization;

    public async Task<(User User, NewAccessKey Key)> UserAsync(string organization, string name) =>
        await Store.Users.CreateAsync(organization, new UserRequest { Name = name }, Token);

    public async Task<IReadOnlyList<KeyValueEntry>> AllRowsAsync() => await Rows.ScanAsync([], [0xFF], 10_000, reverse: false, Token);

    public static async Task<string> RefusalAsync(IdentityRefusalKind kind, Func<ValueTask> act)
    {
        IdentityRefusalException refusal = await Assert.ThrowsAsync<IdentityRefusalException>(async () => await act());
        Assert.Equal(kind, refusal.Kind);
        return refusal.Message;
    }

    /// <summary>Not encryption: tests need only that a secret can be read back under its own subject alone.</summary>
    private sealed class ReversibleProtector : ISecretProtector
    {
        public byte[] Protect(string subject, string secret) => [.. Encoding.UTF8.GetBytes($"{subject}\n{secret}").Reverse()];

        public string Unprotect(string subject, byte[] protectedSecret)
        {
            string[] parts = Encoding.UTF8.GetString([.. protectedSecret.Reverse()]).Split('\n');
            return parts[0] == subject ? parts[1] : throw new SecretUnreadableException("another subject");
        }
    }
}
