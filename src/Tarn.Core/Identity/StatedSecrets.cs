using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>
/// Checks secrets of access keys that somebody states, where one signs in. Who states one learns nothing about a key that they do not have, neither by the answer nor by its time: a key that is
/// not known, a temporary one, one of a disk, an expired one and a wrong secret are one refusal, after one read of the key, one of its holder, one decryption and one comparison of digests in
/// constant time. Nothing that is cached is looked at before the secret is right.
/// </summary>
/// <param name="identity">The access keys.</param>
/// <param name="credentials">The credential of a key.</param>
/// <param name="clock">The clock.</param>
public sealed class StatedSecrets(IdentityStore identity, ICredentialSource credentials, TimeProvider clock)
{
    private readonly IdentityContext _context = identity.Context;

    /// <summary>What is read and decrypted for a key that there is not. No organization, user or key can have its names.</summary>
    private readonly Lazy<AccessKey> _decoy = new(() => new AccessKey
    {
        Id = "",
        Organization = "",
        User = "",
        ProtectedSecret = identity.Context.Protector.Protect(AccessKeys.Subject(""), RandomText.Secret(identity.Context.Random)),
        Created = identity.Context.Now,
    });

    /// <summary>Checks a secret.</summary>
    /// <param name="id">The access key id, any text.</param>
    /// <param name="secret">Its secret, any text.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public async ValueTask<StatedSecret> CheckAsync(string id, string secret, CancellationToken cancellationToken)
    {
        AccessKey decoy = _decoy.Value;
        byte[] row = Tables.AccessKeyKey(IdentityRules.AccessKeyId(id) is null ? id : decoy.Id);
        byte[]? bytes = await _context.Store.GetAsync(row, cancellationToken);
        AccessKey key = bytes is null ? decoy : Rows.Decode(row, bytes, AccessKey.Decode);
        Principal? holder = await _context.PrincipalAsync(key.Organization, key.User, id, key.DiskScope, cancellationToken);
        string stored = _context.Protector.Unprotect(AccessKeys.Subject(key.Id), key.ProtectedSecret);

        // The server's root key has no row.
        bool isRoot = bytes is null && identity.Keys.IsReserved(id);
        stored = isRoot ? (await credentials.FindAsync(id, cancellationToken))?.SecretKey ?? stored : stored;
        bool isKnown = isRoot || holder is { DiskScope: null };
        return IsSame(secret, stored) && isKnown && await credentials.FindAsync(id, cancellationToken) is { } found && IsSame(secret, found.SecretKey) && !(found.Expires <= clock.GetUtcNow())
            ? new StatedSecret(found, true)
            : new StatedSecret(null, isKnown);
    }

    private static bool IsSame(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(one)), SHA256.HashData(Encoding.UTF8.GetBytes(other)));
}

/// <summary>What came of checking a secret.</summary>
/// <param name="Credential">The key; null if it is refused.</param>
/// <param name="IsKnown">Whether there is such a key, for the audit log; not for who stated the secret.</param>
public readonly record struct StatedSecret(Credential? Credential, bool IsKnown);
