using Tarn.Core.Hashing;

namespace Tarn.Core.Objects;

/// <summary>Makes the checksum of an object of those of its parts.</summary>
internal static class PartChecksums
{
    /// <summary>The object's checksum; null when a part has none of the algorithm, or they cannot be combined.</summary>
    public static Checksum? Combine(ChecksumAlgorithm algorithm, ChecksumType type, IReadOnlyList<PartRecord> parts) =>
        !parts.All(part => part.Checksum?.Algorithm == algorithm) ? null
        : type == ChecksumType.Composite
            ? new Checksum(algorithm, ChecksumType.Composite, CompositeChecksum.OfParts(algorithm, parts.Select(static part => part.Checksum!.Value)), parts.Count)
        : IsCrc(algorithm)
            ? new Checksum(algorithm, ChecksumType.FullObject, CompositeChecksum.FullObject(algorithm, parts.Select(static part => (part.Checksum!.Value, part.Size))), 0)
        : null;

    /// <summary>Whether checksums of parts combine into that of the whole.</summary>
    private static bool IsCrc(ChecksumAlgorithm algorithm) => algorithm is ChecksumAlgorithm.Crc32 or ChecksumAlgorithm.Crc32C or ChecksumAlgorithm.Crc64Nvme;
}
