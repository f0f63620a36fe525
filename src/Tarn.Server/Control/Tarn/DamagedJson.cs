using Tarn.Core.Blobs.Layout;
using Tarn.Core.Objects.Integrity;

namespace Tarn.Server.Control.Tarn;

/// <summary>An object, or a part of an upload in progress, of which stored data is damaged.</summary>
internal sealed record DamagedView
{
    /// <summary>The bucket; absent when it is not known.</summary>
    public string? Bucket { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The version as clients name it; absent for a part.</summary>
    public string? VersionId { get; init; }

    /// <summary>The upload of a part.</summary>
    public string? UploadId { get; init; }

    /// <summary>The number of a part.</summary>
    public int? PartNumber { get; init; }

    /// <summary>What is wrong: <c>missing</c>, <c>wrong-length</c>, <c>damaged</c> or <c>wrong-blob</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The id of the damaged data.</summary>
    public required string Data { get; init; }

    /// <summary>The first damaged byte of that data.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes from there on that hold all the damage; absent: all the rest.</summary>
    public long? Length { get; init; }

    /// <summary>When the damage was found.</summary>
    public required DateTime FirstSeen { get; init; }

    /// <summary>When it was last met.</summary>
    public required DateTime LastSeen { get; init; }

    /// <summary>Whether the object is gone, and others still share the damaged data.</summary>
    public required bool IsGone { get; init; }

    public static DamagedView Of(DamagedObject damaged) => new()
    {
        Bucket = damaged.Bucket,
        Key = damaged.Key.ToString(),
        VersionId = damaged.Version,
        UploadId = damaged.Upload?.ToString(),
        PartNumber = damaged.Upload is null ? null : damaged.PartNumber,
        Kind = damaged.Kind switch
        {
            DamageKind.Missing => "missing",
            DamageKind.Length => "wrong-length",
            DamageKind.WrongBlob => "wrong-blob",
            _ => "damaged",
        },
        Data = damaged.Data.ToString(),
        Offset = damaged.Offset,
        Length = damaged.Length,
        FirstSeen = damaged.FirstSeen.UtcDateTime,
        LastSeen = damaged.LastSeen.UtcDateTime,
        IsGone = damaged.IsGone,
    };
}

/// <param name="Damaged">One page of damaged objects and parts.</param>
/// <param name="NextCursor">Where to continue; absent on the last page.</param>
internal sealed record DamagedList(IReadOnlyList<DamagedView> Damaged, string? NextCursor)
{
    /// <summary>Reads a page of the list.</summary>
    /// <param name="damage">The list.</param>
    /// <param name="after">The place behind which it begins; null at the beginning.</param>
    /// <param name="limit">The most entries.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public static async ValueTask<DamagedList> PageAsync(DamageList damage, byte[]? after, int limit, CancellationToken cancellationToken)
    {
        var page = new List<DamagedView>();
        byte[]? last = null;
        await foreach ((byte[] place, DamagedObject found) in damage.ListAsync(after, cancellationToken))
        {
            if (page.Count == limit)
            {
                return new DamagedList(page, Convert.ToHexStringLower(last!));
            }

            page.Add(DamagedView.Of(found));
            last = place;
        }

        return new DamagedList(page, null);
    }
}

/// <summary>What to drop: a version, or a part of an upload in progress.</summary>
internal sealed record DropBody
{
    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The version, or <c>null</c> as text; not for a part.</summary>
    public string? VersionId { get; init; }

    /// <summary>The upload of a part.</summary>
    public string? UploadId { get; init; }

    /// <summary>The number of a part.</summary>
    public int? PartNumber { get; init; }
}
