using System.Text;
using Tarn.Core.Identity;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Identity;

/// <summary>Checking the secret that somebody states tells them nothing about keys that they do not have.</summary>
public sealed class StatedSecretsTests
{
    private readonly IdentityFixture _fixture = new();
    private readonly CountingProtector _protector = new();
    private readonly IdentityStore _store;
    private readonly StatedSecrets _secrets;
    private int _reads;

    public StatedSecretsTests()
    {
        _store = new IdentityStore(_fixture.Hooks, _protector, "ROOTKEY", _fixture.Clock, new SeededRandomSource(3));
        var credentials = new StoredCredentials(_store, new Credential(
            "ROOTKEY", "root-secret", new Principal(new('0', 64), "root", "ROOTKEY") { OrganizationId = "root", UserId = "root" }, null));
        _secrets = new StatedSecrets(_store, credentials, _fixture.Clock);
        Credentials = credentials;
    }

    private StoredCredentials Credentials { get; }

    private static CancellationToken Token => IdentityFixture.Token;

    [Fact]
    public async Task Every_refusal_takes_the_same_reads_and_the_same_cryptography()
    {
        await _store.Organizations.CreateAsync(new OrganizationRequest { Name = "acme" }, Token);
        NewAccessKey user = (await _store.Users.CreateAsync("acme", new UserRequest { Name = "alice" }, Token)).Key;
        NewAccessKey root = await _store.Keys.CreateAsync("acme", null, new AccessKeyRequest(), Token);
        NewAccessKey disk = await _store.Keys.CreateAsync("acme", null, new AccessKeyRequest { DiskScope = "dsk-0123456789abcdef" }, Token);
        NewAccessKey cached = await _store.Keys.CreateAsync("acme", null, new AccessKeyRequest(), Token);
        await Credentials.FindAsync(cached.Key.Id, Token);
        NewTemporaryKey temporary = await _store.TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest
            {
                Organization = "acme", Source = TemporaryKeySource.AccessKey, Parent = cached.Key.Id, ParentKey = await Credentials.FindAsync(cached.Key.Id, Token), Life = TimeSpan.FromHours(1), WithToken = false,
            },
            Token);
        await _secrets.CheckAsync("first", "the decoy is made with the first", Token);
        _fixture.Hooks.FailRead = Counted;
        foreach ((string what, string id, string secret, bool isKnown) in ((string, string, string, bool)[])
        [
            ("a wrong secret", user.Key.Id, "wrong", true),
            ("a wrong secret of a root user", root.Key.Id, "wrong", true),
            ("a wrong secret of a key that is in use", cached.Key.Id, "wrong", true),
            ("no secret", user.Key.Id, "", true),
            ("a long secret", user.Key.Id, new string('x', 50_000), true),
            ("the secret of another", user.Key.Id, root.SecretKey, true),
            ("an unknown key", "UNKNOWN", user.SecretKey, false),
            ("a disk's key", disk.Key.Id, "wrong", false),
            ("a disk's key with its secret", disk.Key.Id, disk.SecretKey, false),
            ("temporary credentials", temporary.Key.Id, "wrong", false),
            ("temporary credentials with their secret", temporary.Key.Id, temporary.SecretKey, false),
            ("the server's root key", "ROOTKEY", "wrong", true),
            ("no key", "", "", false),
            ("what is no key", "a/b\0", user.SecretKey, false),
            ("a long one", new string('k', 60_000), user.SecretKey, false),
        ])
        {
            (_reads, _protector.Count) = (0, 0);
            StatedSecret checkedSecret = await _secrets.CheckAsync(id, secret, Token);
            Assert.Null(checkedSecret.Credential);
            Assert.True((isKnown, 3, 1) == (checkedSecret.IsKnown, _reads, _protector.Count) || (isKnown, 2, 1) == (checkedSecret.IsKnown, _reads, _protector.Count), $"{what}: {checkedSecret.IsKnown}, {_reads} rows, {_protector.Count} decryptions");
        }
    }

    [Fact]
    public async Task The_right_secret_of_a_key_that_is_valid_is_its_credential()
    {
        await _store.Organizations.CreateAsync(new OrganizationRequest { Name = "acme" }, Token);
        NewAccessKey key = await _store.Keys.CreateAsync("acme", null, new AccessKeyRequest { Expires = _fixture.Clock.GetUtcNow().AddHours(1) }, Token);
        Assert.Equal(key.Key.Id, (await _secrets.CheckAsync(key.Key.Id, key.SecretKey, Token)).Credential!.AccessKeyId);
        Assert.Equal("ROOTKEY", (await _secrets.CheckAsync("ROOTKEY", "root-secret", Token)).Credential!.AccessKeyId);
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null((await _secrets.CheckAsync(key.Key.Id, key.SecretKey, Token)).Credential);
        NewAccessKey revoked = await _store.Keys.CreateAsync("acme", null, new AccessKeyRequest(), Token), rotated = await _store.Keys.CreateAsync("acme", null, new AccessKeyRequest(), Token);
        await _store.Keys.RevokeAsync(revoked.Key.Id, Token);
        await _store.Keys.RotateAsync(rotated.Key.Id, null, Token);
        Assert.Equal(default, await _secrets.CheckAsync(revoked.Key.Id, revoked.SecretKey, Token));
        Assert.Null((await _secrets.CheckAsync(rotated.Key.Id, rotated.SecretKey, Token)).Credential);
    }

    private Exception? Counted(byte[] key)
    {
        _reads++;
        return null;
    }

    private sealed class CountingProtector : ISecretProtector
    {
        public int Count { get; set; }

        public byte[] Protect(string subject, string secret) => Encoding.UTF8.GetBytes($"{subject}\n{secret}");

        public string Unprotect(string subject, byte[] protectedSecret)
        {
            Count++;
            string[] parts = Encoding.UTF8.GetString(protectedSecret).Split('\n');
            return parts[0] == subject ? parts[1] : throw new SecretUnreadableException("another subject");
        }
    }
}
