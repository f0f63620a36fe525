using System.Text.Json;
using Tarn.Core.Identity;

namespace Tarn.Server.Control.CoreWeave;

/// <summary>What makes a key by CoreWeave's API.</summary>
internal sealed record CwKeyBody
{
    /// <summary>0: the key never expires.</summary>
    public required long DurationSeconds { get; init; }
}

/// <summary>What its API answers then, and nothing else.</summary>
internal sealed record CwNewKey(string AccessKeyId, string SecretKey);

/// <summary>What its API says of a key. One without end has the expiry 1970-01-01T00:00:00Z.</summary>
internal sealed record CwKeyInfo(string AccessKeyId, string PrincipalName, DateTime Expiry)
{
    public static CwKeyInfo Of(AccessKey key) => new(key.Id, CwPrincipals.Name(key.Organization, key.User), (key.Expires ?? DateTimeOffset.UnixEpoch).UtcDateTime);
}

internal sealed record CwKeyList(IReadOnlyList<CwKeyInfo> AccessKeys);

internal sealed record CwKeyRevocation(string AccessKey);

internal sealed record CwPrincipalRevocation(string PrincipalName);

internal sealed record CwPolicyList(IReadOnlyList<JsonElement> Policies);

/// <summary><c>{}</c>.</summary>
internal sealed record CwDone
{
    public static CwDone Instance { get; } = new();
}

/// <summary>Principals as CoreWeave's API names them: organization and user, divided by a slash.</summary>
internal static class CwPrincipals
{
    public static string Name(string organization, string? user) => $"{organization}/{user ?? "root"}";
}
