using System.Text;
using System.Text.Json;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Documents;

namespace Tarn.Server.Control.Tarn;

/// <summary>An access key to create.</summary>
internal sealed record AccessKeyBody
{
    /// <summary>The organization it belongs to; null for the requester's.</summary>
    public string? Organization { get; init; }

    /// <summary>The user it belongs to; null for the requester if that is a user, and for the organization's root user otherwise.</summary>
    public string? User { get; init; }

    /// <summary>
    /// What it may do at most, of what its user may: a policy document without principals, or <c>read-only</c>, <c>read-write</c> or <c>write-only</c>; null for all.
    /// </summary>
    public JsonElement? Policy { get; init; }

    /// <summary>The buckets that a policy given by its name is for; null for all.</summary>
    public IReadOnlyList<string>? Buckets { get; init; }

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

    /// <summary>When it last got another secret; absent if it has its first one.</summary>
    public DateTime? Rotated { get; init; }

    /// <summary>When it expires; absent if never.</summary>
    public DateTime? Expires { get; init; }

    /// <summary>The only disk that it can read; absent if it is not a key of a disk.</summary>
    public string? Disk { get; init; }

    /// <summary>What it may do at most, of what its user may; absent if that is all.</summary>
    public JsonElement? Policy { get; init; }

    /// <summary>The Id of its policy, which is the name of a canned one, or <c>custom</c>; <c>unreadable</c> for a stored one that allows nothing, since it is damaged; absent if it has no policy.</summary>
    public string? PolicyId { get; init; }

    /// <summary>The minute in which it last signed a request that was authenticated; absent if it never did.</summary>
    public DateTime? LastUsed { get; init; }

    /// <summary>The address that the first request in that minute came from.</summary>
    public string? LastUsedFrom { get; init; }

    /// <param name="key">The key.</param>
    /// <param name="secret">Its secret, if it is to be shown.</param>
    /// <param name="use">When it was last used; null if never.</param>
    public static AccessKeyView Of(AccessKey key, string? secret = null, AccessKeyUse? use = null) => new()
    {
        AccessKey = key.Id,
        SecretKey = secret,
        Organization = key.Organization,
        User = key.User,
        Created = key.Created.UtcDateTime,
        Rotated = key.Rotated?.UtcDateTime,
        Expires = key.Expires?.UtcDateTime,
        Disk = key.DiskScope,
        Policy = key.Policy is null ? null : PolicyDocuments.TryJson(key.Policy),
        PolicyId = key.Policy is null ? null : IdOf(IdentityPolicy.Load(Encoding.UTF8.GetBytes(key.Policy))),
        LastUsed = use?.Time.UtcDateTime,
        LastUsedFrom = use?.Address,
    };

    string IIdentified.Identity => AccessKey;

    private static string IdOf(IdentityPolicy policy) => policy.IsUnreadable ? "unreadable" : policy.Id ?? "custom";
}

/// <param name="Keys">One page of them.</param>
/// <param name="NextCursor">Where to continue; absent on the last page.</param>
internal sealed record AccessKeyList(IReadOnlyList<AccessKeyView> Keys, string? NextCursor);
