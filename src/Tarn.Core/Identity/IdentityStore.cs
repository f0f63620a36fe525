using Tarn.Core.KeyValue;

namespace Tarn.Core.Identity;

/// <summary>Organizations, users, access keys, tokens and policies over the key-value store.</summary>
public sealed class IdentityStore
{
    private readonly IdentityContext _context;
    private readonly List<Action> _onRevoked = [];

    /// <param name="store">Where the rows are.</param>
    /// <param name="protector">Encrypts secrets.</param>
    /// <param name="reservedKey">The id of the server's root key, which no other key can have; null: none.</param>
    /// <param name="clock">The time of creations and expiries.</param>
    /// <param name="random">Generates ids and secrets.</param>
    public IdentityStore(IKeyValueStore store, ISecretProtector protector, string? reservedKey, TimeProvider clock, IRandomSource random)
    {
        _context = new IdentityContext(store, protector, clock, random) { Revoked = Revoked };
        Keys = new AccessKeys(_context, reservedKey);
        Organizations = new Organizations(_context, Keys);
        Users = new Users(_context, Keys);
        Tokens = new ApiTokens(_context);
        Policies = new StoredPolicies(_context);
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

    /// <summary>
    /// Calls <paramref name="action"/> after every commit that revoked something or changed what a principal may do, before the change is answered,
    /// so that caches can drop what they hold. Register before the store is used.
    /// </summary>
    public void OnRevoked(Action action) => _onRevoked.Add(action);

    internal IdentityContext Context => _context;

    private void Revoked()
    {
        foreach (Action action in _onRevoked)
        {
            action();
        }
    }
}
