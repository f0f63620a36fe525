using System.Text;
using Tarn.Core.Sharing;

namespace Tarn.Server.Control.Tarn;

/// <summary>What makes a link to a file of a disk.</summary>
internal sealed record ShareBody
{
    public required string Key { get; init; }

    /// <summary>Seconds; null: a day.</summary>
    public long? ExpiresIn { get; init; }
}

/// <summary>What makes a link to an object.</summary>
internal sealed record ObjectShareBody
{
    public required string Bucket { get; init; }

    public required string Key { get; init; }

    /// <summary>Null: the current version, whichever that is when the link is used.</summary>
    public string? VersionId { get; init; }

    /// <summary>Seconds; null: a day.</summary>
    public long? ExpiresIn { get; init; }
}

/// <summary>A link that was just made. Its URL is shown this once.</summary>
internal sealed record NewShareView(string Url, long ExpiresIn, string Id, DateTime ExpiresAt);

/// <summary>A link.</summary>
internal sealed record ShareView
{
    public required string Id { get; init; }

    public required string Organization { get; init; }

    public string? Disk { get; init; }

    public string? Bucket { get; init; }

    public required string Key { get; init; }

    public string? VersionId { get; init; }

    public required DateTime CreatedAt { get; init; }

    public required DateTime ExpiresAt { get; init; }

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

internal sealed record ShareList(IReadOnlyList<ShareView> Links, string? NextCursor);
