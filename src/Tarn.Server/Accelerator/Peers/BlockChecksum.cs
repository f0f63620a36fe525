using System.Buffers.Binary;
using Tarn.Core.Hashing;

namespace Tarn.Server.Accelerator.Peers;

/// <summary>The checksum with which blocks travel: CRC64NVME.</summary>
internal static class BlockChecksum
{
    public static ulong Of(ReadOnlySpan<byte> block)
    {
        using var hasher = StreamHasher.Create(ChecksumAlgorithm.Crc64Nvme);
        Span<byte> checksum = stackalloc byte[sizeof(ulong)];
        hasher.Append(block);
        hasher.Finish(checksum);
        return BinaryPrimitives.ReadUInt64BigEndian(checksum);
    }
}
