using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.Model;

namespace Tarn.Server.Control.Tarn;

/// <summary>A bucket and what it holds.</summary>
internal sealed record BucketView
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The id, which no other bucket ever has.</summary>
    public required ulong Id { get; init; }

    /// <summary>Canonical user id of the owner.</summary>
    public required string OwnerId { get; init; }

    /// <summary>The owner's display name.</summary>
    public required string OwnerName { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary><c>never</c>, <c>enabled</c> or <c>suspended</c>.</summary>
    public required string Versioning { get; init; }

    /// <summary>Whether the counts are exact; otherwise they are being counted, and are not right until that has ended.</summary>
    public required bool IsExact { get; init; }

    /// <summary>Objects, without older versions and delete markers.</summary>
    public required long Objects { get; init; }

    /// <summary>Their sizes together, in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Older versions.</summary>
    public required long NoncurrentVersions { get; init; }

    /// <summary>Their sizes together, in bytes.</summary>
    public required long NoncurrentBytes { get; init; }

    /// <summary>Delete markers.</summary>
    public required long DeleteMarkers { get; init; }

    /// <summary>Multipart uploads in progress.</summary>
    public required long Uploads { get; init; }

    /// <summary>The sizes of their parts together, in bytes.</summary>
    public required long UploadBytes { get; init; }

    public static BucketView Of(Bucket bucket, BucketCounts counts, bool isExact) => new()
    {
        Name = bucket.Name.Value,
        Id = bucket.Id,
        OwnerId = bucket.OwnerId,
        OwnerName = bucket.OwnerName,
        CreatedAt = bucket.Created.UtcDateTime,
        Versioning = bucket.Versioning switch
        {
            VersioningState.Enabled => "enabled",
            VersioningState.Suspended => "suspended",
            _ => "never",
        },
        IsExact = isExact,
        Objects = counts.Objects,
        Bytes = counts.Bytes,
        NoncurrentVersions = counts.NoncurrentVersions,
        NoncurrentBytes = counts.NoncurrentBytes,
        DeleteMarkers = counts.DeleteMarkers,
        Uploads = counts.Uploads,
        UploadBytes = counts.UploadBytes,
    };
}

/// <param name="Buckets">One page of buckets.</param>
/// <param name="Damaged">Buckets of the same page whose rows are damaged.</param>
/// <param name="NextCursor">Where to continue; absent on the last page.</param>
internal sealed record BucketList(IReadOnlyList<BucketView> Buckets, IReadOnlyList<DamagedBucketView> Damaged, string? NextCursor);

/// <param name="Name">The bucket's name.</param>
/// <param name="Error">What is wrong with its row.</param>
internal sealed record DamagedBucketView(string Name, string Error);
