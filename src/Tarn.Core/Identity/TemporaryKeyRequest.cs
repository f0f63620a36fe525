namespace Tarn.Core.Identity;

/// <summary>The properties of temporary credentials to issue.</summary>
public sealed record TemporaryKeyRequest
{
    /// <summary>The organization of the principal.</summary>
    public required string Organization { get; init; }

    /// <summary>What they are issued for.</summary>
    public required TemporaryKeySource Source { get; init; }

    /// <summary>The access key id, the token's id, or the name of the issuer or role.</summary>
    public required string Parent { get; init; }

    /// <summary>The user who has the access key or token; null for the root user, and for others.</summary>
    public string? User { get; init; }

    /// <summary>The id of the role or issuer, which a later one of the same name does not have; null for keys and tokens.</summary>
    public string? ParentId { get; init; }

    /// <summary>The credential of the access key; null for others.</summary>
    public Credential? ParentKey { get; init; }

    /// <summary>Their lifetime: whole seconds, one to <see cref="TemporaryKeys.MaxLife"/>.</summary>
    public required TimeSpan Life { get; init; }

    /// <summary>Whether requests must carry a session token.</summary>
    public required bool WithToken { get; init; }

    /// <summary>
    /// SHA-256 of the proof of the page for which they are a session of the console, which a cookie authenticates; without a session token, since nobody learns their secret. Empty: they are no session.
    /// </summary>
    public ReadOnlyMemory<byte> ProofHash { get; init; }

    /// <summary>Whether they are a session of the console.</summary>
    public bool ForConsole => ProofHash.Length > 0;

    /// <summary>Whether the caller ends another session of the same principal once they are issued, so that one more than the limits allow may be for a moment.</summary>
    public bool Renews { get; init; }

    /// <summary>What authenticated the request for them, which the commit checks; null where that is what they are issued for.</summary>
    public RequestCredential? By { get; init; }

    /// <summary>The issuer of the workload's token; null without one.</summary>
    public OidcIssuer? Issuer { get; init; }

    /// <summary>The token's subject; null without one.</summary>
    public string? Subject { get; init; }

    /// <summary>The name of the role's session; null without a role.</summary>
    public string? SessionName { get; init; }

    /// <summary>See <see cref="SessionGrant.Policy"/>; the caller has validated it.</summary>
    public string? Policy { get; init; }

    /// <summary>The token's claims.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Claims { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>What to attach to them, for people.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();
}
