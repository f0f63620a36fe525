using System.Collections.Concurrent;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>
/// The access keys of the store, and the server's root key. Credentials are cached up to a bound; misses are not, so that unknown keys take no
/// memory. A revocation by this process empties the cache and so takes effect at once.
/// </summary>
public sealed class StoredCredentials : ICredentialSource
{
    private const int MaxKept = 10_000;

    private readonly IdentityContext _context;
    private readonly Credential? _root;
    private volatile ConcurrentDictionary<string, Credential> _kept = new(StringComparer.Ordinal);

    /// <param name="identity">The store.</param>
    /// <param name="root">The server's root key, which is not a row; null: none.</param>
    public StoredCredentials(IdentityStore identity, Credential? root)
    {
        ArgumentNullException.ThrowIfNull(identity);
        _context = identity.Context;
        _root = root;
        identity.OnRevoked(Forget);
    }

    /// <summary>Cached credentials.</summary>
    internal int Count => _kept.Count;

    /// <inheritdoc/>
    public ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken)
    {
        if (accessKeyId == _root?.AccessKeyId)
        {
            return ValueTask.FromResult<Credential?>(_root);
        }

        return _kept.TryGetValue(accessKeyId, out Credential? kept)
            ? ValueTask.FromResult<Credential?>(kept)
            : ReadAsync(accessKeyId, cancellationToken);
    }

    private async ValueTask<Credential?> ReadAsync(string accessKeyId, CancellationToken cancellationToken)
    {
        // Taken before the rows are read: if something is revoked meanwhile, what was read goes into a table that is no longer used.
        ConcurrentDictionary<string, Credential> kept = _kept;
        if (IdentityRules.AccessKeyId(accessKeyId) is not null
            || await Rows.FindAsync(_context.Store, Tables.AccessKeyKey(accessKeyId), AccessKey.Decode, cancellationToken) is not { } key
            || await _context.PrincipalAsync(key.Organization, key.User, key.Id, key.DiskScope, cancellationToken) is not { } principal)
        {
            return null;
        }

        string secret = _context.Protector.Unprotect(AccessKeys.Subject(key.Id), key.ProtectedSecret);
        var credential = new Credential(key.Id, secret, principal, key.Expires);
        if (kept.Count >= MaxKept)
        {
            kept.Clear();
        }

        kept[accessKeyId] = credential;
        return credential;
    }

    private void Forget() => _kept = new ConcurrentDictionary<string, Credential>(StringComparer.Ordinal);
}
