using Tarn.Core.Hashing;

namespace Tarn.Core.Objects.Writing;

/// <summary>What one upload must be checked against while its bytes come in.</summary>
public sealed record IngestRequest
{
    /// <summary>What to compute when the client names no algorithm: costs almost nothing, and is what S3 does.</summary>
    public const ChecksumAlgorithm DefaultAlgorithm = ChecksumAlgorithm.Crc64Nvme;

    /// <summary>The largest single upload: 5 GiB. Source: Amazon S3 User Guide, "Uploading objects".</summary>
    public const long MaxUploadLength = 5L << 30;

    /// <summary>The checksum to compute and keep; null for <see cref="DefaultAlgorithm"/>.</summary>
    public ChecksumAlgorithm? Algorithm { get; init; }

    /// <summary>The value the client gave in a header.</summary>
    public byte[]? ExpectedChecksum { get; init; }

    /// <summary>Whether the value comes in a trailer; it must then be there.</summary>
    public bool ChecksumInTrailer { get; init; }

    /// <summary>Content-MD5, 16 bytes.</summary>
    public byte[]? ContentMd5 { get; init; }

    /// <summary>Bytes.</summary>
    public long MaxLength { get; init; } = MaxUploadLength;

    internal ChecksumAlgorithm EffectiveAlgorithm => Algorithm ?? DefaultAlgorithm;
}
