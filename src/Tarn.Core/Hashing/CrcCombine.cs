namespace Tarn.Core.Hashing;

/// <summary>Computes the CRC of two concatenated byte strings from the CRC of each, without the data.</summary>
public static class CrcCombine
{
    /// <summary>Writes the CRC of A‖B, in time logarithmic in the length of B.</summary>
    /// <param name="algorithm">One of the CRCs.</param>
    /// <param name="crcA">The CRC of A, big-endian.</param>
    /// <param name="crcB">The CRC of B, big-endian.</param>
    /// <param name="lengthB">Bytes in B.</param>
    /// <param name="destination">Receives the result, big-endian; may overlap the inputs.</param>
    /// <exception cref="ArgumentException">
    /// The algorithm is not a CRC, a value is not of its size, the length is negative, or the destination is too short.
    /// </exception>
    public static void Combine(
        ChecksumAlgorithm algorithm, ReadOnlySpan<byte> crcA, ReadOnlySpan<byte> crcB, long lengthB, Span<byte> destination)
    {
        Crc crc = Crc.For(algorithm);

        // A CRC is affine in the data, and the constants of A, B and A‖B cancel: shift A's past B's bytes, and add B's.
        ulong shifted = crc.Field.Multiply(crc.Read(crcA), crc.Field.ShiftOverBytes(lengthB));
        crc.Write(shifted ^ crc.Read(crcB), destination);
    }
}
