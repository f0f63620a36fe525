using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>An access key to create.</summary>
internal sealed record AccessKeyBody
{
    /// <summary>The organization it belongs to; null for the requester's.</summary>
    public string? Organization { get; init; }

    /// <summary>The user it belongs to; null for the organization's root user.</summary>
    public string? User { get; init; }

    /// <summary>How many seconds it is valid; null or 0 for no end.</summary>
    public long? DurationSeconds { get; init; }

    /// <summary>The access key id; null to generate one.</summary>
    public string? AccessKey { get; init; }

    /// <summary>The secret; null to generate one.</summary>
    public string? SecretKey { get; init; }
}

/// <summary>A new secret for an access key.</summary>
internal sealed record RotationBody
{
    /// <summary>The new secret; null to generate one.</summary>
    public string? SecretKey { get; init; }
}

/// <summary>An access key.</summary>
internal sealed record AccessKeyView : IIdentified
{
    /// <summary>The access key id.</summary>
    public required string AccessKey { get; init; }

    /// <summary>The secret, if it has just been created or changed.</summary>
    public string? SecretKey { get; init; }

    /// <summary>The organization it belongs to.</summary>
    public required string Organization { get; init; }

    /// <summary>The user it belongs to; absent for the organization's root user.</summary>
    public string? User { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTime Created { get; init; }

    /// <summary>When it expires; absent if never.</summary>
    public DateTime? Expires { get; init; }

    /// <summary>The only disk that it can read; absent if it is not a key of a disk.</summary>
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

    string IIdentified.Identity => AccessKey;
}

/// <param name="Keys">One page of them.</param>
/// <param name="NextCursor">Where to continue; absent on the last page.</param>
internal sealed record AccessKeyList(IReadOnlyList<AccessKeyView> Keys, string? NextCursor);
