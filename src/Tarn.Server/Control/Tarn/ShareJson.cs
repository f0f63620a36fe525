using System.Text;
using Tarn.Core.Sharing;

namespace Tarn.Server.Control.Tarn;

/// <summary>A share link to create, to a file of a disk.</summary>
internal sealed record ShareBody
{
    /// <summary>Path of the file below the disk's root.</summary>
    public required string Key { get; init; }

    /// <summary>How many seconds the link lasts, 1 to 604800; null for a day.</summary>
    public long? ExpiresIn { get; init; }
}

/// <summary>A share link to create, to an object.</summary>
internal sealed record ObjectShareBody
{
    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The object's key.</summary>
    public required string Key { get; init; }

    /// <summary>The version to share; null for the one that is current when the link is used.</summary>
    public string? VersionId { get; init; }

    /// <summary>How many seconds the link lasts, 1 to 604800; null for a day.</summary>
    public long? ExpiresIn { get; init; }
}

/// <summary>A share link that has just been created.</summary>
/// <param name="Url">The link itself, which is shown only once.</param>
/// <param name="ExpiresIn">How many seconds it lasts.</param>
/// <param name="Id">Its id.</param>
/// <param name="ExpiresAt">When it expires.</param>
internal sealed record NewShareView(string Url, long ExpiresIn, string Id, DateTime ExpiresAt) : IIdentified
{
    string IIdentified.Identity => Id;
}

/// <summary>A share link.</summary>
internal sealed record ShareView
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The organization it belongs to.</summary>
    public required string Organization { get; init; }

    /// <summary>The disk that the file is on; absent for an object.</summary>
    public string? Disk { get; init; }

    /// <summary>The bucket that the object is in; absent for a file.</summary>
    public string? Bucket { get; init; }

    /// <summary>The object's key, or the file's path below the disk's root.</summary>
    public required string Key { get; init; }

    /// <summary>The version that it shares; absent for the current one.</summary>
    public string? VersionId { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>When it expires.</summary>
    public required DateTime ExpiresAt { get; init; }

    /// <summary>ARN of the principal that created it.</summary>
    public required string CreatedBy { get; init; }

    public static ShareView Of(ShareLink link) => new()
    {
        Id = link.Id,
        Organization = link.Organization,
        Disk = link.Target.IsDisk ? link.Target.Container : null,
        Bucket = link.Target.IsDisk ? null : link.Target.Container,
        Key = Encoding.UTF8.GetString(link.Target.Key),
        VersionId = link.Target.Version,
        CreatedAt = link.Created.UtcDateTime,
        ExpiresAt = link.Expires.UtcDateTime,
        CreatedBy = link.CreatedBy,
    };
}

/// <param name="Links">One page of them.</param>
/// <param name="NextCursor">Where to continue; absent on the last page.</param>
internal sealed record ShareList(IReadOnlyList<ShareView> Links, string? NextCursor);
