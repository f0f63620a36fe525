using Tarn.Core;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Server.Configuration;

namespace Tarn.Server.Identity;

/// <summary>The identities of this server: their store, the keys that verify requests, and the root user.</summary>
internal sealed class ServerIdentity : IDisposable
{
    private readonly DataProtectionSecrets _secrets;

    private ServerIdentity(DataProtectionSecrets secrets, IdentityStore store, RootIdentity root)
    {
        _secrets = secrets;
        Store = store;
        Root = root;
        Credentials = new StoredCredentials(store, new Credential(
            root.Key.AccessKey,
            root.Key.SecretKey,
            new Principal(root.CanonicalId, RootIdentity.DisplayName, root.Key.AccessKey)
            {
                OrganizationId = Organizations.Root,
                UserId = Organizations.Root,
            },
            Expires: null));
    }

    public IdentityStore Store { get; }

    /// <summary>Encrypts and authenticates with the key ring that all nodes share.</summary>
    public ISecretProtector Secrets => _secrets;

    public ICredentialSource Credentials { get; }

    public RootIdentity Root { get; }

    /// <summary>Opens the stored secrets, and creates the root identity where it is missing.</summary>
    /// <exception cref="StartupException">The master key is not that of the store; the secrets are damaged.</exception>
    public static async Task<ServerIdentity> OpenAsync(
        ServerOptions options,
        IdentityFiles files,
        IKeyValueStore metadata,
        TimeProvider clock,
        IRandomSource random,
        CancellationToken cancellationToken)
    {
        DataProtectionSecrets? secrets = null;
        try
        {
            MasterKey master = await MasterKeySource.LoadAsync(options.MasterKey, files.MasterKey, metadata, random, cancellationToken);
            secrets = DataProtectionSecrets.Open(new KeyRingRows(metadata, master, random));
            RootIdentityRecord? old = RootIdentityFile.Find(files.RootCredentials);
            (RootKey key, bool isNew) = await RootKeyAsync(options, old, new RootKeys(metadata, secrets, random), cancellationToken);
            var store = new IdentityStore(metadata, secrets, key.AccessKey, clock, random);
            bool wasThere = await store.Organizations.FindAsync(Organizations.Root, cancellationToken) is not null;
            Organization root = await store.Organizations.EnsureRootAsync(old?.CanonicalId, cancellationToken);
            if (old is not null)
            {
                RetireFile(files.RootCredentials, old, root, isDurable: wasThere || options.Durability == Durability.Full);
            }

            var identity = new ServerIdentity(secrets, store, new RootIdentity(root.CanonicalId, key, isNew));
            secrets = null;
            return identity;
        }
        catch (SecretUnreadableException e)
        {
            throw new StartupException($"the stored secrets cannot be decrypted: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"cannot open the stores in {options.Data}: {e.Message}", e);
        }
        finally
        {
            secrets?.Dispose();
        }
    }

    public void Dispose() => _secrets.Dispose();

    /// <summary>The configured key, which is not stored, or else the stored one. A key in the file of an older build is stored in either case.</summary>
    private static async Task<(RootKey Key, bool IsNew)> RootKeyAsync(
        ServerOptions options, RootIdentityRecord? old, RootKeys keys, CancellationToken cancellationToken)
    {
        (string, string)? initial = old is { AccessKey: { } id, SecretKey: { } secret } ? (id, secret) : null;
        if (options.RootKey is not null && initial is null)
        {
            return (options.RootKey, false);
        }

        (string accessKey, string secretKey, bool isNew) = await keys.LoadOrCreateAsync(initial, cancellationToken);
        return options.RootKey is not null ? (options.RootKey, false) : (new RootKey(accessKey, secretKey), isNew);
    }

    /// <summary>Removes the file of an older build once its content is durable in the store, which a relaxed commit is not yet.</summary>
    private static void RetireFile(string path, RootIdentityRecord old, Organization root, bool isDurable)
    {
        if (old.CanonicalId != root.CanonicalId)
        {
            throw new StartupException($"{path}: belongs to other metadata: its canonical id is not that of the root user");
        }

        if (isDurable)
        {
            File.Delete(path);
        }
    }
}
