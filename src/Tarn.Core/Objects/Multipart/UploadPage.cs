using Tarn.Core.Model;

namespace Tarn.Core.Objects.Multipart;

/// <summary>Which uploads to list.</summary>
public sealed record UploadQuery
{
    public byte[] Prefix { get; init; } = [];

    public byte[] Delimiter { get; init; } = [];

    /// <summary>Only uploads of keys after this one, or, with <see cref="UploadIdMarker"/>, later uploads of this one too.</summary>
    public byte[]? KeyMarker { get; init; }

    public UploadId? UploadIdMarker { get; init; }

    public int MaxUploads { get; init; } = 1000;
}

/// <summary>One page of uploads in progress.</summary>
public sealed class UploadPage
{
    public List<MultipartUpload> Uploads { get; } = [];

    public List<byte[]> CommonPrefixes { get; } = [];

    public bool IsTruncated { get; internal set; }

    /// <summary>The last key or common prefix on the page.</summary>
    public byte[]? LastKey { get; private set; }

    /// <summary>The last upload on the page; null when a common prefix is last.</summary>
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
