using System.Text.Json;
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

/// <summary>An access key.</summary>
/// <param name="AccessKeyId">The access key id.</param>
/// <param name="PrincipalName">Its principal: <c>ORGANIZATION/USER</c>, or <c>ORGANIZATION/root</c>.</param>
/// <param name="Expiry">When it expires; 1970-01-01T00:00:00Z for never.</param>
internal sealed record CwKeyInfo(string AccessKeyId, string PrincipalName, DateTime Expiry)
{
    public static CwKeyInfo Of(AccessKey key) => new(key.Id, CwPrincipals.Name(key.Organization, key.User), (key.Expires ?? DateTimeOffset.UnixEpoch).UtcDateTime);
}

/// <param name="AccessKeys">All of them.</param>
internal sealed record CwKeyList(IReadOnlyList<CwKeyInfo> AccessKeys);

/// <param name="AccessKey">The access key id.</param>
internal sealed record CwKeyRevocation(string AccessKey);

/// <param name="PrincipalName"><c>ORGANIZATION/USER</c>, or <c>ORGANIZATION/root</c>.</param>
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
    public static string Name(string organization, string? user) => $"{organization}/{user ?? "root"}";
}
