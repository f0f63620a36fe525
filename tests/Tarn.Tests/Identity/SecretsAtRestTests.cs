using System.Text;
using Tarn.Core;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Server.Configuration;
using Tarn.Server.Identity;
using Tarn.Server.Storage;
using Tarn.TestKit.Servers;
using Tarn.Tests.Server;

namespace Tarn.Tests.Identity;

/// <summary>Secrets in the store, with the encryption that the server uses, and the master key that protects it.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class SecretsAtRestTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly MemoryKeyValueStore _rows = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task No_row_has_the_bytes_of_a_secret()
    {
        string[] secrets;
        using (ServerIdentity identity = await OpenAsync())
        {
            NewAccessKey made = (await identity.Store.Organizations.CreateAsync(
                new OrganizationRequest { Name = "acme", Key = new AccessKeyRequest { Id = "given", SecretKey = "a-secret-that-was-given" } }, Token)).Key;
            NewAccessKey rotated = await identity.Store.Keys.CreateAsync("acme", null, new AccessKeyRequest(), Token);
            string again = (await identity.Store.Keys.RotateAsync(rotated.Key.Id, null, Token)).SecretKey;
            await identity.Store.Issuers.CreateAsync(
                new OidcIssuer { Organization = "acme", Name = "idp", Id = "", Url = "https://idp.example.com", Audiences = ["a"], Console = new OidcConsole { ClientId = "c", Title = "t" }, Created = default },
                false,
                Token,
                "a-secret-of-a-client");
            secrets = ["a-secret-of-a-client", identity.Root.Key.SecretKey, made.SecretKey, rotated.SecretKey, again, File.ReadAllText(_directory.PathOf("master.key")).Trim()];
        }

        IReadOnlyList<KeyValueEntry> rows = await _rows.ScanAsync([], [0xFF], 10_000, reverse: false, Token);
        foreach (byte[] secret in secrets.Select(Encoding.UTF8.GetBytes))
        {
            Assert.DoesNotContain(rows, row => row.Value.AsSpan().IndexOf(secret) >= 0);
        }

        // Nor the ring's own keys, which Data Protection writes as XML.
        Assert.DoesNotContain(rows, row => row.Value.AsSpan().IndexOf("masterKey"u8) >= 0 || row.Value.AsSpan().IndexOf("<key"u8) >= 0);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory.PathOf("master.key")));
    }

    [Fact]
    public async Task A_restart_reads_them_again_and_shows_none()
    {
        RootKey root;
        using (ServerIdentity first = await OpenAsync())
        {
            root = first.Root.Key;
            Assert.True(first.Root.IsNewKey);
            await first.Store.Organizations.CreateAsync(
                new OrganizationRequest { Name = "acme", Key = new AccessKeyRequest { Id = "given", SecretKey = "given-secret" } }, Token);
        }

        using ServerIdentity second = await OpenAsync();
        Assert.Equal((root, false), (second.Root.Key, second.Root.IsNewKey));
        Assert.Equal("given-secret", (await second.Credentials.FindAsync("given", Token))!.SecretKey);
        Assert.Equal(root.SecretKey, (await second.Credentials.FindAsync(root.AccessKey, Token))!.SecretKey);
    }

    [Fact]
    public async Task A_secret_moved_to_another_row_does_not_decrypt()
    {
        (await OpenAsync()).Dispose();
        MasterKey master = MasterKey.From((await File.ReadAllTextAsync(_directory.PathOf("master.key"), Token)).Trim())!;
        byte[] secret;
        using (DataProtectionSecrets one = DataProtectionSecrets.Open(new KeyRingRows(_rows, master, SystemRandomSource.Instance)))
        {
            secret = one.Protect("access-key/a", "12345678");
        }

        using DataProtectionSecrets another = DataProtectionSecrets.Open(new KeyRingRows(_rows, master, SystemRandomSource.Instance));
        Assert.Equal("12345678", another.Unprotect("access-key/a", secret));
        Assert.Throws<SecretUnreadableException>(() => another.Unprotect("access-key/b", secret));
        Assert.Throws<SecretUnreadableException>(() => another.Unprotect("access-key/a", [1, 2, 3]));
    }

    [Fact]
    public async Task Another_master_key_and_a_missing_one_are_refused_before_anything_is_written()
    {
        (await OpenAsync()).Dispose();
        int count = (await _rows.ScanAsync([], [0xFF], 10_000, reverse: false, Token)).Count;
        string kept = File.ReadAllText(_directory.PathOf("master.key"));

        var other = new MasterKeyOption("TARN_MASTER_KEY", new string('x', 32), null);
        Assert.StartsWith(
            "TARN_MASTER_KEY: this is not the master key that the stored secrets were encrypted with (",
            (await Assert.ThrowsAsync<StartupException>(() => OpenAsync(other))).Message,
            StringComparison.Ordinal);

        File.Delete(_directory.PathOf("master.key"));
        Assert.StartsWith(
            "the master key is missing: the stored secrets were encrypted with one; restore ",
            (await Assert.ThrowsAsync<StartupException>(() => OpenAsync())).Message,
            StringComparison.Ordinal);
        Assert.False(File.Exists(_directory.PathOf("master.key")));
        Assert.Equal(count, (await _rows.ScanAsync([], [0xFF], 10_000, reverse: false, Token)).Count);

        File.WriteAllText(_directory.PathOf("elsewhere"), kept);
        (await OpenAsync(new MasterKeyOption("--master-key-file", null, _directory.PathOf("elsewhere")))).Dispose();
    }

    [Fact]
    public async Task A_master_key_that_is_too_short_or_unreadable_is_refused()
    {
        Assert.Equal(
            "TARN_MASTER_KEY: a master key must have at least 32 characters",
            (await Assert.ThrowsAsync<StartupException>(() => OpenAsync(new MasterKeyOption("TARN_MASTER_KEY", new string('x', 31), null)))).Message);
        Assert.StartsWith(
            "--master-key-file: the master key cannot be read: ",
            (await Assert.ThrowsAsync<StartupException>(() => OpenAsync(new MasterKeyOption("--master-key-file", null, _directory.PathOf("no"))))).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            "TARN_MASTER_KEY: cannot be combined with TARN_MASTER_KEY_FILE",
            Bound.Refusal(variables: new() { ["TARN_MASTER_KEY"] = "a", ["TARN_MASTER_KEY_FILE"] = "b" }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_root_identity_of_an_older_build_is_taken_over(bool durable)
    {
        Durability durability = durable ? Durability.Full : Durability.Relaxed;
        string id = new('5', 64);
        File.WriteAllText(_directory.PathOf("root-credentials.json"), $$"""{"version":1,"canonicalId":"{{id}}","accessKey":"OLDKEY","secretKey":"old-secret"}""");
        using (ServerIdentity first = await OpenAsync(durability: durability))
        {
            Assert.Equal((id, new RootKey("OLDKEY", "old-secret"), false), (first.Root.CanonicalId, first.Root.Key, first.Root.IsNewKey));
            Assert.Equal(id, (await first.Store.Organizations.GetAsync("root", Token)).CanonicalId);
        }

        // A relaxed commit may not be on the disk yet: the file goes with the next start.
        Assert.Equal(durability == Durability.Relaxed, File.Exists(_directory.PathOf("root-credentials.json")));
        using ServerIdentity second = await OpenAsync(durability: durability);
        Assert.Equal((id, new RootKey("OLDKEY", "old-secret"), false), (second.Root.CanonicalId, second.Root.Key, second.Root.IsNewKey));
        Assert.False(File.Exists(_directory.PathOf("root-credentials.json")));
    }

    [Fact]
    public async Task A_configured_root_key_is_used_but_not_stored_and_the_owner_stays()
    {
        string canonicalId;
        using (ServerIdentity configured = await OpenAsync(root: new RootKey("configured", "configured-secret")))
        {
            Assert.Equal(("configured", false), (configured.Root.Key.AccessKey, configured.Root.IsNewKey));
            canonicalId = configured.Root.CanonicalId;
        }

        using ServerIdentity generated = await OpenAsync();
        Assert.True(generated.Root.IsNewKey);
        Assert.Equal(canonicalId, generated.Root.CanonicalId);
        Assert.Matches("^[A-Z0-9]{20}$", generated.Root.Key.AccessKey);
        Assert.Matches("^[A-Za-z0-9]{40}$", generated.Root.Key.SecretKey);
        Assert.Null(await generated.Credentials.FindAsync("configured", Token));
    }

    [Fact]
    public async Task A_root_identity_of_other_metadata_is_refused()
    {
        (await OpenAsync()).Dispose();
        File.WriteAllText(_directory.PathOf("root-credentials.json"), $$"""{"version":1,"canonicalId":"{{new string('5', 64)}}"}""");
        Assert.Contains("belongs to other metadata", (await Assert.ThrowsAsync<StartupException>(() => OpenAsync())).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_directory.PathOf("root-credentials.json")));
    }

    private async Task<ServerIdentity> OpenAsync(
        MasterKeyOption? master = null, Durability durability = Durability.Full, RootKey? root = null)
    {
        using DataDirectory data = DataDirectory.Open(_directory.FullPath, SystemRandomSource.Instance);
        ServerOptions options = Bound.From() with { MasterKey = master, Durability = durability, RootKey = root };
        return await ServerIdentity.OpenAsync(options, IdentityFiles.Of(data.Root), _rows, TimeProvider.System, SystemRandomSource.Instance, Token);
    }
}
