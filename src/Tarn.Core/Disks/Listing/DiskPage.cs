using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects;

namespace Tarn.Core.Disks.Listing;

/// <summary>The parameters of a listing.</summary>
public sealed record DiskQuery
{
    /// <summary>Only keys that begin with these bytes.</summary>
    public byte[] Prefix { get; init; } = [];

    /// <summary>Whether each directory after the prefix is one common prefix (the delimiter <c>/</c>), instead of the files below it.</summary>
    public bool ByDirectory { get; init; }

    /// <summary>Only keys after this one; a common prefix equal to it was listed before, and is skipped.</summary>
    public byte[]? After { get; init; }

    /// <summary>Keys and common prefixes on one page.</summary>
    public int MaxKeys { get; init; } = 1000;

    /// <summary>Whether to list names with characters that XML 1.0 lacks, because the answer encodes them.</summary>
    public bool AnyCharacter { get; init; }
}

/// <summary>
/// One page of a disk's listing. It may be short, or even empty, without being the last one: <see cref="Last"/> is how far the search came.
/// </summary>
public sealed class DiskPage : IListedPage
{
    /// <summary>The files on this page, in the order of their keys.</summary>
    public List<DiskEntry> Objects { get; } = [];

    /// <summary>Directories, each with a slash at the end.</summary>
    public List<byte[]> CommonPrefixes { get; } = [];

    /// <summary>Whether there may be more after this page.</summary>
    public bool IsTruncated { get; internal set; }

    /// <summary>The last key or common prefix that the search reached: the marker of the next page. Null when there is none.</summary>
    public byte[]? Last { get; internal set; }

    IReadOnlyList<IListedObject> IListedPage.Objects => Objects;

    IReadOnlyList<byte[]> IListedPage.CommonPrefixes => CommonPrefixes;
}

/// <summary>A file as a listing shows it.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="LastModified">To the second.</param>
/// <param name="OwnerId">Canonical id of the disk's organization; empty when the caller did not supply it.</param>
public sealed record DiskEntry(ObjectKey Key, long Size, DateTimeOffset LastModified, ETag ETag, string OwnerId) : IListedObject
{
    /// <summary>Always <c>STANDARD</c>.</summary>
    public string StorageClass => StorageClasses.Standard;

    /// <summary>Always null: no checksum is stored for a file.</summary>
    public Checksum? Checksum => null;
}
