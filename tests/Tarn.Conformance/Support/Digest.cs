using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Tarn.Conformance.Support;

/// <summary>The checksums of S3, independent of the server's own code: the CRCs bit by bit.</summary>
public static class Digest
{
    public static readonly string[] Algorithms = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"];

    public static string Header(string algorithm) => "x-amz-checksum-" + algorithm.ToLowerInvariant();

    public static string Base64(string algorithm, byte[] data) => Convert.ToBase64String(Of(algorithm, data));

    /// <summary>The checksum of the parts' checksums, with the number of parts: what COMPOSITE means.</summary>
    public static string Composite(string algorithm, params byte[][] parts) =>
        Convert.ToBase64String(Of(algorithm, [.. parts.SelectMany(p => Of(algorithm, p))])) + $"-{parts.Length}";

    /// <summary>The raw digest, big-endian.</summary>
    public static byte[] Of(string algorithm, byte[] data)
    {
        switch (algorithm)
        {
            case "SHA1":
                return SHA1.HashData(data);
            case "SHA256":
                return SHA256.HashData(data);
            case "SHA512":
                return SHA512.HashData(data);
            case "MD5":
                return MD5.HashData(data);
            case "XXHASH64":
                return XxHash64.Hash(data);
            case "XXHASH3":
                return XxHash3.Hash(data);
            case "XXHASH128":
                return XxHash128.Hash(data);
            case "CRC64NVME":
                byte[] eight = new byte[8];
                BinaryPrimitives.WriteUInt64BigEndian(eight, Crc(data, 0x9A6C9329AC4BC9B5, ulong.MaxValue));
                return eight;
            default:
                byte[] four = new byte[4];
                BinaryPrimitives.WriteUInt32BigEndian(four, (uint)Crc(data, algorithm == "CRC32" ? 0xEDB88320u : 0x82F63B78u, uint.MaxValue));
                return four;
        }
    }

    private static ulong Crc(byte[] data, ulong polynomial, ulong ones)
    {
        Span<ulong> table = stackalloc ulong[256];
        for (int i = 0; i < 256; i++)
        {
            ulong entry = (ulong)i;
            for (int bit = 0; bit < 8; bit++)
            {
                entry = (entry >> 1) ^ ((entry & 1) * polynomial);
            }

            table[i] = entry;
        }

        ulong crc = ones;
        foreach (byte next in data)
        {
            crc = table[(byte)(crc ^ next)] ^ (crc >> 8);
        }

        return crc ^ ones;
    }
}
