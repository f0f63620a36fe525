using System.Text.Json;
using System.Text.Json.Serialization;
using Tarn.Core.Identity;

namespace Tarn.Server.Control.CoreWeave;

/// <summary>An access key to create.</summary>
internal sealed record CwKeyBody
{
    /// <summary>How many seconds it is valid, at most 43200; 0 for no end.</summary>
    public required long DurationSeconds { get; init; }
}

/// <summary>An access key that has just been created.</summary>
/// <param name="AccessKeyId">The access key id.</param>
/// <param name="SecretKey">Its secret, which is shown only once.</param>
internal sealed record CwNewKey(string AccessKeyId, string SecretKey) : IIdentified
{
    string IIdentified.Identity => AccessKeyId;
}

/// <summary>A workload's token to exchange.</summary>
internal sealed record CwExchangeBody
{
    /// <summary>How many seconds the key is valid, at most 43200; 0 for an hour.</summary>
    public required long DurationSeconds { get; init; }

    /// <summary>The organization's name.</summary>
    public required string OrgId { get; init; }

    /// <summary>The token: a JSON Web Token of an issuer that the organization trusts.</summary>
    public required string OidcToken { get; init; }

    /// <summary>Texts to attach to the key, such as a name.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    // The generated ToString would show the token.
    public override string ToString() => OrgId;
}

/// <summary>A temporary access key that has just been created.</summary>
/// <param name="AccessKeyId">The access key id.</param>
/// <param name="SecretKey">Its secret, which is shown only once.</param>
/// <param name="PrincipalName">Its principal: <c>role/ISSUER:SUBJECT</c>.</param>
/// <param name="Expiry">When it expires.</param>
/// <param name="Attributes">The texts that are attached to it.</param>
internal sealed record CwTemporaryKey(string AccessKeyId, string SecretKey, string PrincipalName, DateTime Expiry, IReadOnlyDictionary<string, string> Attributes) : IIdentified
{
    string IIdentified.Identity => AccessKeyId;

    public override string ToString() => AccessKeyId;
}

/// <summary>Temporary credentials, with the names that the container credential provider of AWS's SDKs reads.</summary>
internal sealed record CwContainerCredentials : IIdentified
{
    /// <summary>The access key id.</summary>
    [JsonPropertyName("AccessKeyId")]
    public required string AccessKeyId { get; init; }

    /// <summary>Its secret, which is shown only once.</summary>
    [JsonPropertyName("SecretAccessKey")]
    public required string SecretAccessKey { get; init; }

    /// <summary>The session token that every request must carry.</summary>
    [JsonPropertyName("Token")]
    public required string Token { get; init; }

    /// <summary>When they expire.</summary>
    [JsonPropertyName("Expiration")]
    public required DateTime Expiration { get; init; }

    string IIdentified.Identity => AccessKeyId;

    public static CwContainerCredentials Of(NewTemporaryKey made) => new()
    {
        AccessKeyId = made.Key.Id,
        SecretAccessKey = made.SecretKey,
        Token = made.SessionToken ?? "",
        Expiration = made.Key.Expires.UtcDateTime,
    };

    public override string ToString() => AccessKeyId;
}

/// <summary>An access key.</summary>
/// <param name="AccessKeyId">The access key id.</param>
/// <param name="PrincipalName">Its principal: <c>ORGANIZATION/USER</c>, <c>ORGANIZATION/root</c>, <c>ORGANIZATION/user/root</c> of a user of that name, <c>role/ISSUER:SUBJECT</c>, or <c>role/ROLE/SUBJECT</c> of a session of a role.</param>
/// <param name="Expiry">When it expires; 1970-01-01T00:00:00Z for never.</param>
/// <param name="Console">True for a session of Tarn's console; absent for others.</param>
internal sealed record CwKeyInfo(string AccessKeyId, string PrincipalName, DateTime Expiry, bool? Console = null)
{
    public static CwKeyInfo Of(TemporaryKey key) => new(key.Id, key.Holder, key.Expires.UtcDateTime, key.IsConsole ? true : null);

    public static CwKeyInfo Of(AccessKey key) => new(key.Id, CwPrincipals.Name(key.Organization, key.User), (key.Expires ?? DateTimeOffset.UnixEpoch).UtcDateTime);
}

/// <param name="AccessKeys">All of them.</param>
internal sealed record CwKeyList(IReadOnlyList<CwKeyInfo> AccessKeys);

/// <param name="AccessKey">The access key id.</param>
internal sealed record CwKeyRevocation(string AccessKey);

/// <param name="PrincipalName">As keys are listed with it.</param>
internal sealed record CwPrincipalRevocation(string PrincipalName);

/// <param name="Policies">The documents of all of them.</param>
internal sealed record CwPolicyList(IReadOnlyList<JsonElement> Policies);

/// <summary>Nothing: an object without members.</summary>
internal sealed record CwDone
{
    public static CwDone Instance { get; } = new();
}

/// <summary>Principals as CoreWeave's API names them: organization and user, with a slash between them.</summary>
internal static class CwPrincipals
{
    public static string Name(string organization, string? user) => TemporaryKeys.HolderOf(organization, user);
}
