using System.Diagnostics.CodeAnalysis;

namespace Tarn.Core.Hashing;

/// <summary>
/// What S3 defines for each checksum algorithm: its names on the wire, its size, and the types allowed for multipart uploads.
/// Source: Amazon S3 User Guide, "Checking object integrity in Amazon S3"; API Reference, CreateMultipartUpload.
/// </summary>
public static class ChecksumAlgorithms
{
    private const string HeaderPrefix = "x-amz-checksum-";

    /// <summary>All algorithms, in order of their numbers.</summary>
    public static IReadOnlyList<ChecksumAlgorithm> All { get; } =
    [
        ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Crc32C, ChecksumAlgorithm.Crc64Nvme, ChecksumAlgorithm.Sha1, ChecksumAlgorithm.Sha256,
        ChecksumAlgorithm.Sha512, ChecksumAlgorithm.Md5, ChecksumAlgorithm.XxHash64, ChecksumAlgorithm.XxHash3, ChecksumAlgorithm.XxHash128,
    ];

    /// <summary>The names of all algorithms, as messages list them.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(Name));

    /// <summary>The value of <c>x-amz-checksum-algorithm</c>, and the suffix of XML elements such as <c>ChecksumCRC32</c>.</summary>
    public static string Name(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 => "CRC32",
        ChecksumAlgorithm.Crc32C => "CRC32C",
        ChecksumAlgorithm.Crc64Nvme => "CRC64NVME",
        ChecksumAlgorithm.Sha1 => "SHA1",
        ChecksumAlgorithm.Sha256 => "SHA256",
        ChecksumAlgorithm.Sha512 => "SHA512",
        ChecksumAlgorithm.Md5 => "MD5",
        ChecksumAlgorithm.XxHash64 => "XXHASH64",
        ChecksumAlgorithm.XxHash3 => "XXHASH3",
        ChecksumAlgorithm.XxHash128 => "XXHASH128",
        _ => throw Unknown(algorithm),
    };

    /// <summary>The header or trailer that carries the value, in lower case.</summary>
    public static string HeaderName(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 => HeaderPrefix + "crc32",
        ChecksumAlgorithm.Crc32C => HeaderPrefix + "crc32c",
        ChecksumAlgorithm.Crc64Nvme => HeaderPrefix + "crc64nvme",
        ChecksumAlgorithm.Sha1 => HeaderPrefix + "sha1",
        ChecksumAlgorithm.Sha256 => HeaderPrefix + "sha256",
        ChecksumAlgorithm.Sha512 => HeaderPrefix + "sha512",
        ChecksumAlgorithm.Md5 => HeaderPrefix + "md5",
        ChecksumAlgorithm.XxHash64 => HeaderPrefix + "xxhash64",
        ChecksumAlgorithm.XxHash3 => HeaderPrefix + "xxhash3",
        ChecksumAlgorithm.XxHash128 => HeaderPrefix + "xxhash128",
        _ => throw Unknown(algorithm),
    };

    /// <summary>Reads <see cref="Name"/>, ignoring case.</summary>
    public static bool TryParseName([NotNullWhen(true)] string? name, out ChecksumAlgorithm algorithm)
    {
        foreach (ChecksumAlgorithm candidate in All)
        {
            if (string.Equals(name, Name(candidate), StringComparison.OrdinalIgnoreCase))
            {
                algorithm = candidate;
                return true;
            }
        }

        algorithm = default;
        return false;
    }

    /// <summary>Reads <see cref="HeaderName"/>, ignoring case. False for headers such as <c>x-amz-checksum-type</c>, which carry no value.</summary>
    /// <param name="headerName">The header's name.</param>
    /// <param name="algorithm">The algorithm whose value the header carries.</param>
    public static bool TryParseHeader([NotNullWhen(true)] string? headerName, out ChecksumAlgorithm algorithm)
    {
        foreach (ChecksumAlgorithm candidate in All)
        {
            if (string.Equals(headerName, HeaderName(candidate), StringComparison.OrdinalIgnoreCase))
            {
                algorithm = candidate;
                return true;
            }
        }

        algorithm = default;
        return false;
    }

    /// <summary>The size of a value in bytes.</summary>
    public static int HashSize(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 or ChecksumAlgorithm.Crc32C => 4,
        ChecksumAlgorithm.Crc64Nvme or ChecksumAlgorithm.XxHash64 or ChecksumAlgorithm.XxHash3 => 8,
        ChecksumAlgorithm.Md5 or ChecksumAlgorithm.XxHash128 => 16,
        ChecksumAlgorithm.Sha1 => 20,
        ChecksumAlgorithm.Sha256 => 32,
        ChecksumAlgorithm.Sha512 => 64,
        _ => throw Unknown(algorithm),
    };

    /// <summary>The checksum type of a multipart upload that names none.</summary>
    public static ChecksumType DefaultType(ChecksumAlgorithm algorithm) =>
        algorithm == ChecksumAlgorithm.Crc64Nvme ? ChecksumType.FullObject : ChecksumType.Composite;

    /// <summary>Whether a multipart upload may combine the two: only CRCs of parts combine into that of the whole. (An object put in one request always has the full-object type.)</summary>
    public static bool Allows(ChecksumAlgorithm algorithm, ChecksumType type) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 or ChecksumAlgorithm.Crc32C => type is ChecksumType.FullObject or ChecksumType.Composite,
        ChecksumAlgorithm.Crc64Nvme => type == ChecksumType.FullObject,
        ChecksumAlgorithm.Sha1 or ChecksumAlgorithm.Sha256 or ChecksumAlgorithm.Sha512 or ChecksumAlgorithm.Md5
            or ChecksumAlgorithm.XxHash64 or ChecksumAlgorithm.XxHash3 or ChecksumAlgorithm.XxHash128 => type == ChecksumType.Composite,
        _ => throw Unknown(algorithm),
    };

    private static ArgumentOutOfRangeException Unknown(ChecksumAlgorithm algorithm) =>
        new(nameof(algorithm), algorithm, "No such checksum algorithm.");
}
