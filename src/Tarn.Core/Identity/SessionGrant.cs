namespace Tarn.Core.Identity;

/// <summary>
/// What temporary credentials add to their holder. A class, compared by reference: whoever compiles its policies keeps the result with the instance, which
/// lives as long as the cached credential.
/// </summary>
public sealed class SessionGrant
{
    /// <summary>The documents of the role's policies, which allow and deny as those of its organization do; empty without a role.</summary>
    public IReadOnlyList<string> RolePolicies { get; init; } = [];

    /// <summary>The document that whoever asked for the session gave: nothing is allowed that it does not allow. Null: no limit.</summary>
    public string? Policy { get; init; }

    /// <summary>The access key that the session was issued for, of which its requests are; null for others.</summary>
    public string? ParentKey { get; init; }

    /// <summary>Whether it is a session of the console.</summary>
    public bool IsConsole { get; init; }

    /// <summary>Whether it has policies, of its role or of its own.</summary>
    public bool HasPolicies => Policy is not null || RolePolicies.Count > 0;

    /// <summary>The URL of the issuer of the token that the session was issued for, as in its <c>iss</c>; null without a token.</summary>
    public string? Issuer { get; init; }

    /// <summary>The claims of that token, each with its values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Claims { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>
    /// The values of a claim that a policy names as <c>ISSUER:CLAIM</c>, the issuer without its scheme; null when the session has no such claim.
    /// Source: IAM User Guide, "Available keys for AWS OIDC federation".
    /// </summary>
    public IReadOnlyList<string>? Claim(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Issuer is not { } issuer)
        {
            return null;
        }

        ReadOnlySpan<char> prefix = ConditionPrefix(issuer);
        return key.Length > prefix.Length && key[prefix.Length] == ':' && key.AsSpan().StartsWith(prefix, StringComparison.Ordinal)
            ? Claims.GetValueOrDefault(key[(prefix.Length + 1)..])
            : null;
    }

    /// <summary>How condition keys name an issuer: its URL without the scheme and slashes at the end.</summary>
    public static string ConditionPrefix(string issuer)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        int scheme = issuer.IndexOf("://", StringComparison.Ordinal);
        return (scheme < 0 ? issuer : issuer[(scheme + 3)..]).TrimEnd('/');
    }
}
