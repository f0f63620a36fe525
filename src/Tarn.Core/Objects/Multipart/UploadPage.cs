using Tarn.Core.Model;

namespace Tarn.Core.Objects.Multipart;

/// <summary>Which uploads to list.</summary>
public sealed record UploadQuery
{
    /// <summary>Only keys that begin with these bytes.</summary>
    public byte[] Prefix { get; init; } = [];

    /// <summary>Keys that contain these bytes after the prefix are rolled up into a common prefix; empty for none.</summary>
    public byte[] Delimiter { get; init; } = [];

    /// <summary>Only keys after this one; with <see cref="UploadIdMarker"/>, later uploads of this key too.</summary>
    public byte[]? KeyMarker { get; init; }

    /// <summary>Only uploads of the key marker after this one; null for none.</summary>
    public UploadId? UploadIdMarker { get; init; }

    /// <summary>The maximum number of uploads and common prefixes on one page.</summary>
    public int MaxUploads { get; init; } = 1000;
}

/// <summary>One page of uploads in progress.</summary>
public sealed class UploadPage
{
    /// <summary>The uploads on the page: by key, then by upload id.</summary>
    public List<MultipartUpload> Uploads { get; } = [];

    /// <summary>The common prefixes on the page, as UTF-8 bytes, in order.</summary>
    public List<byte[]> CommonPrefixes { get; } = [];

    /// <summary>Whether another page follows.</summary>
    public bool IsTruncated { get; internal set; }

    /// <summary>The last key or common prefix on the page.</summary>
    public byte[]? LastKey { get; private set; }

    /// <summary>The last upload on the page; null when the page ends with a common prefix.</summary>
    public UploadId? LastUpload { get; private set; }

    internal int Count => Uploads.Count + CommonPrefixes.Count;

    internal void Add(byte[]? common, MultipartUpload? upload)
    {
        if (common is not null)
        {
            CommonPrefixes.Add(common);
        }
        else
        {
            Uploads.Add(upload!);
        }

        LastKey = common ?? upload!.Key.Utf8;
        LastUpload = upload?.Id;
    }
}
