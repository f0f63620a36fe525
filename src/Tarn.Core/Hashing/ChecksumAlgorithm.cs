namespace Tarn.Core.Hashing;

/// <summary>
/// The additional checksums an S3 client may ask for. The numbers are persisted.
/// Source: Amazon S3 User Guide, "Checking object integrity in Amazon S3".
/// </summary>
public enum ChecksumAlgorithm : byte
{
    /// <summary>CRC-32/ISO-HDLC, 4 bytes.</summary>
    Crc32 = 1,

    /// <summary>CRC-32/ISCSI (Castagnoli), 4 bytes.</summary>
    Crc32C = 2,

    /// <summary>CRC-64/NVME, 8 bytes.</summary>
    Crc64Nvme = 3,

    /// <summary>SHA-1, 20 bytes.</summary>
    Sha1 = 4,

    /// <summary>SHA-256, 32 bytes.</summary>
    Sha256 = 5,

    /// <summary>SHA-512, 64 bytes.</summary>
    Sha512 = 6,

    /// <summary>MD5, 16 bytes, as an additional checksum; the ETag and Content-MD5 are MD5 in any case.</summary>
    Md5 = 7,

    /// <summary>XXH64 with seed 0, 8 bytes.</summary>
    XxHash64 = 8,

    /// <summary>64-bit XXH3 with seed 0, 8 bytes.</summary>
    XxHash3 = 9,

    /// <summary>128-bit XXH3 with seed 0, 16 bytes.</summary>
    XxHash128 = 10,
}
