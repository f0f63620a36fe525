using Tarn.Core.Hashing;

namespace Tarn.Core.Objects.Writing;

/// <summary>What to check an upload against while its bytes arrive.</summary>
public sealed record IngestRequest
{
    /// <summary>The algorithm when the client names none: S3's default, and it costs almost nothing.</summary>
    public const ChecksumAlgorithm DefaultAlgorithm = ChecksumAlgorithm.Crc64Nvme;

    /// <summary>The largest single upload: 5 GiB. Source: Amazon S3 User Guide, "Uploading objects".</summary>
    public const long MaxUploadLength = 5L << 30;

    /// <summary>The checksum to compute and keep; null for <see cref="DefaultAlgorithm"/>.</summary>
    public ChecksumAlgorithm? Algorithm { get; init; }

    /// <summary>The checksum that the client gave in a header; null when it gave none.</summary>
    public byte[]? ExpectedChecksum { get; init; }

    /// <summary>Whether the checksum comes in a trailer, which is then mandatory.</summary>
    public bool ChecksumInTrailer { get; init; }

    /// <summary>Content-MD5, 16 bytes; null when the client gave none.</summary>
    public byte[]? ContentMd5 { get; init; }

    /// <summary>The maximum size of the body, in bytes.</summary>
    public long MaxLength { get; init; } = MaxUploadLength;

    internal ChecksumAlgorithm EffectiveAlgorithm => Algorithm ?? DefaultAlgorithm;
}
