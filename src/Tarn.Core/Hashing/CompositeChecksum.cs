namespace Tarn.Core.Hashing;

/// <summary>
/// Computes the checksum of a multipart object from those of its parts.
/// Source: Amazon S3 User Guide, "Checking object integrity in Amazon S3", full object and composite checksum types.
/// </summary>
public static class CompositeChecksum
{
    /// <summary>Computes the composite value: the checksum, by the same algorithm, of the parts' checksums in part order.</summary>
    /// <exception cref="ArgumentException">A part's checksum is not of the algorithm's size.</exception>
    public static byte[] OfParts(ChecksumAlgorithm algorithm, IEnumerable<byte[]> partChecksums)
    {
        ArgumentNullException.ThrowIfNull(partChecksums);
        using StreamHasher hasher = StreamHasher.Create(algorithm);
        return Concatenated.Hash(hasher, partChecksums, ChecksumAlgorithms.HashSize(algorithm));
    }

    /// <summary>Computes the full-object value: the CRC of the whole object, as if it had been uploaded in one request.</summary>
    /// <param name="algorithm">One of the CRCs.</param>
    /// <param name="parts">Each part's CRC and length in bytes, in part order.</param>
    /// <exception cref="ArgumentException">The algorithm is not a CRC, a CRC is not of its size, or a length is negative.</exception>
    public static byte[] FullObject(ChecksumAlgorithm algorithm, IEnumerable<(byte[] Crc, long Length)> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        Crc crc = Crc.For(algorithm);
        ulong whole = 0;
        long shiftLength = 0;
        ulong shift = crc.Field.ShiftOverBytes(0);
        foreach ((byte[] value, long length) in parts)
        {
            // All parts but the last usually have the same length.
            if (length != shiftLength)
            {
                shift = crc.Field.ShiftOverBytes(length);
                shiftLength = length;
            }

            whole = crc.Field.Multiply(whole, shift) ^ crc.Read(value);
        }

        byte[] result = new byte[crc.Size];
        crc.Write(whole, result);
        return result;
    }
}
