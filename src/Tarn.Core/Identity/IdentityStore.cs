using Tarn.Core.KeyValue;

namespace Tarn.Core.Identity;

/// <summary>Organizations, users, access keys, tokens, policies, issuers and roles over the key-value store.</summary>
public sealed class IdentityStore
{
    private readonly IdentityContext _context;
    private readonly List<Action> _onRevoked = [];
    private readonly List<Action<string>> _onKeyRevoked = [];

    /// <param name="store">Where the rows are.</param>
    /// <param name="protector">Encrypts secrets.</param>
    /// <param name="reservedKey">The id of the server's root key, which no other key can have; null: none.</param>
    /// <param name="clock">The time of creations and expiries.</param>
    /// <param name="random">Generates ids and secrets.</param>
    public IdentityStore(IKeyValueStore store, ISecretProtector protector, string? reservedKey, TimeProvider clock, IRandomSource random)
    {
        _context = new IdentityContext(store, protector, clock, random) { Revoked = Revoked, KeyRevoked = Revoked };
        Keys = new AccessKeys(_context, reservedKey);
        Organizations = new Organizations(_context, Keys);
        Users = new Users(_context, Keys);
        Tokens = new ApiTokens(_context);
        Policies = new StoredPolicies(_context);
        Issuers = new OidcIssuers(_context);
        Roles = new IdentityRoles(_context);
        TemporaryKeys = new TemporaryKeys(_context);
        OnRevoked(Issuers.Forget);
    }

    /// <summary>Organizations.</summary>
    public Organizations Organizations { get; }

    /// <summary>The users of organizations.</summary>
    public Users Users { get; }

    /// <summary>Access keys of users and of root users.</summary>
    public AccessKeys Keys { get; }

    /// <summary>Tokens of the control API.</summary>
    public ApiTokens Tokens { get; }

    /// <summary>The access policies of organizations.</summary>
    public StoredPolicies Policies { get; }

    /// <summary>The issuers whose tokens organizations accept.</summary>
    public OidcIssuers Issuers { get; }

    /// <summary>The roles of organizations.</summary>
    public IdentityRoles Roles { get; }

    /// <summary>Temporary credentials.</summary>
    public TemporaryKeys TemporaryKeys { get; }

    /// <summary>
    /// Calls <paramref name="action"/> after every commit that revoked something else than one access key or token, or changed what a principal may do, before the change is answered,
    /// so that caches can drop what they hold. Register before the store is used.
    /// </summary>
    public void OnRevoked(Action action) => _onRevoked.Add(action);

    /// <summary>
    /// Calls <paramref name="action"/> with the id of an access key or token after every commit that revoked it or gave it another secret, before that is answered. Register before the
    /// store is used.
    /// </summary>
    public void OnKeyRevoked(Action<string> action) => _onKeyRevoked.Add(action);

    internal IdentityContext Context => _context;

    private void Revoked(string accessKeyId)
    {
        foreach (Action<string> action in _onKeyRevoked)
        {
            action(accessKeyId);
        }
    }

    private void Revoked()
    {
        foreach (Action action in _onRevoked)
        {
            action();
        }
    }
}
