using System.Collections.Concurrent;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>
/// The access keys of the store, and the server's root key. Credentials are cached up to a bound; misses are not, so that unknown keys take no
/// memory. A revocation by this process takes effect at once: that of an access key or token drops it and the sessions that were issued for it, any other one everything.
/// </summary>
public sealed class StoredCredentials : ICredentialSource
{
    private const int MaxKept = 10_000;

    private readonly IdentityContext _context;
    private readonly Credential? _root;
    private readonly SessionCredentials _sessions;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    /// <summary>Revocations so far; guarded by the gate, as are changes of what is kept.</summary>
    private long _revocations;

    /// <param name="identity">The store.</param>
    /// <param name="root">The server's root key, which is not a row; null: none.</param>
    public StoredCredentials(IdentityStore identity, Credential? root)
    {
        ArgumentNullException.ThrowIfNull(identity);
        _context = identity.Context;
        _root = root;
        _sessions = new SessionCredentials(_context, FindAsync);
        identity.OnRevoked(Forget);
        identity.OnKeyRevoked(Forget);
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

        return _kept.TryGetValue(accessKeyId, out Kept kept)
            ? ValueTask.FromResult<Credential?>(kept.Credential)
            : ReadAsync(accessKeyId, cancellationToken);
    }

    private async ValueTask<Credential?> ReadAsync(string accessKeyId, CancellationToken cancellationToken)
    {
        // Taken before the rows are read: what was read before a revocation is not kept.
        long revocations;
        lock (_gate)
        {
            revocations = _revocations;
        }

        if (IdentityRules.AccessKeyId(accessKeyId) is not null)
        {
            return null;
        }

        byte[] row = Tables.AccessKeyKey(accessKeyId), temporary = Tables.TemporaryKeyKey(accessKeyId);
        byte[]?[] found = await _context.Store.GetAsync([row, temporary], cancellationToken);
        Credential? credential = null;
        string? parent = null;
        if (found[0] is { } key)
        {
            credential = await PermanentAsync(Rows.Decode(row, key, AccessKey.Decode), cancellationToken);
        }
        else if (found[1] is { } issued)
        {
            TemporaryKey session = Rows.Decode(temporary, issued, TemporaryKey.Decode);
            credential = await _sessions.FindAsync(session, cancellationToken);
            parent = session.Source is TemporaryKeySource.AccessKey or TemporaryKeySource.ApiToken ? session.Parent : null;
        }

        if (credential is null)
        {
            return null;
        }

        lock (_gate)
        {
            if (revocations == _revocations)
            {
                if (_kept.Count >= MaxKept)
                {
                    _kept.Clear();
                }

                _kept[accessKeyId] = new Kept(credential, parent);
            }
        }

        return credential;
    }

    private async ValueTask<Credential?> PermanentAsync(AccessKey key, CancellationToken cancellationToken)
    {
        if (await _context.PrincipalAsync(key.Organization, key.User, key.Id, key.DiskScope, cancellationToken) is not { } principal)
        {
            return null;
        }

        principal = key.Policy is null ? principal : principal with { KeyPolicy = new KeyPolicy(key.Policy) };
        string secret = _context.Protector.Unprotect(AccessKeys.Subject(key.Id), key.ProtectedSecret);
        return new Credential(key.Id, secret, principal, key.Expires) { Created = key.Created };
    }

    private void Forget()
    {
        lock (_gate)
        {
            _revocations++;
            _kept.Clear();
        }
    }

    private void Forget(string ended)
    {
        lock (_gate)
        {
            _revocations++;
            _kept.TryRemove(ended, out _);
            foreach ((string id, Kept kept) in _kept)
            {
                if (kept.Parent == ended)
                {
                    _kept.TryRemove(id, out _);
                }
            }
        }
    }

    /// <param name="Credential">The credential.</param>
    /// <param name="Parent">The access key or token that a session was issued for; null for others.</param>
    private readonly record struct Kept(Credential Credential, string? Parent);
}
