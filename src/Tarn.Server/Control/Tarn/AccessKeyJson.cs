using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>What makes an access key.</summary>
internal sealed record AccessKeyBody
{
    /// <summary>Null: the requester's.</summary>
    public string? Organization { get; init; }

    /// <summary>Null: the organization's root user.</summary>
    public string? User { get; init; }

    /// <summary>For how long the key opens anything; null or 0: without end.</summary>
    public long? DurationSeconds { get; init; }

    public string? AccessKey { get; init; }

    public string? SecretKey { get; init; }
}

/// <summary>What gives an access key a new secret.</summary>
internal sealed record RotationBody
{
    /// <summary>Null: one is made.</summary>
    public string? SecretKey { get; init; }
}

/// <summary>An access key; its secret when it has just been made.</summary>
internal sealed record AccessKeyView
{
    public required string AccessKey { get; init; }

    public string? SecretKey { get; init; }

    public required string Organization { get; init; }

    public string? User { get; init; }

    public required DateTime Created { get; init; }

    public DateTime? Expires { get; init; }

    public string? Disk { get; init; }

    public static AccessKeyView Of(AccessKey key, string? secret = null) => new()
    {
        AccessKey = key.Id,
        SecretKey = secret,
        Organization = key.Organization,
        User = key.User,
        Created = key.Created.UtcDateTime,
        Expires = key.Expires?.UtcDateTime,
        Disk = key.DiskScope,
    };
}

internal sealed record AccessKeyList(IReadOnlyList<AccessKeyView> Keys, string? NextCursor);
