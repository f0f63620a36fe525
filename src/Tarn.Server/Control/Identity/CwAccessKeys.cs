using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary>What makes a key by CoreWeave's API.</summary>
internal sealed record CwKeyBody
{
    /// <summary>0: the key never expires.</summary>
    public long DurationSeconds { get; init; }
}

/// <summary>What CoreWeave's API answers then, and nothing else.</summary>
internal sealed record CwNewKey(string AccessKeyId, string SecretKey);

internal sealed record CwKeyView(string AccessKeyId, string PrincipalName, DateTime CreatedAt, DateTime? ExpiresAt)
{
    public static CwKeyView Of(AccessKey key) => new(
        key.Id,
        key.User is null ? $"arn:aws:iam::{key.Organization}:root" : $"arn:aws:iam::{key.Organization}:user/{key.User}",
        key.Created.UtcDateTime,
        key.Expires?.UtcDateTime);
}

internal sealed record CwKeyList(IReadOnlyList<CwKeyView> AccessKeys);
