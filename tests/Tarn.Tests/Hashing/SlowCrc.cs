using Tarn.Core.Hashing;

namespace Tarn.Tests.Hashing;

/// <summary>The CRCs by their definition, a bit at a time, from the unreflected polynomials: the reference for the fast ones.</summary>
internal static class SlowCrc
{
    public static readonly ChecksumAlgorithm[] Algorithms =
        [ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Crc32C, ChecksumAlgorithm.Crc64Nvme];

    public static byte[] Hash(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> data) =>
        Value(algorithm, Update(algorithm, Start(algorithm), data));

    /// <summary>The register before any byte, its most significant bit that of the highest power.</summary>
    public static ulong Start(ChecksumAlgorithm algorithm) => ulong.MaxValue >> (64 - Width(algorithm));

    public static ulong Update(ChecksumAlgorithm algorithm, ulong register, ReadOnlySpan<byte> data)
    {
        int width = Width(algorithm);
        ulong polynomial = algorithm switch
        {
            ChecksumAlgorithm.Crc32 => 0x04C11DB7,
            ChecksumAlgorithm.Crc32C => 0x1EDC6F41,
            _ => 0xAD93D23594C93659,
        };
        foreach (byte value in data)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                ulong top = (register >> (width - 1)) & 1;
                register = (register << 1) & Start(algorithm);
                if ((top ^ ((ulong)value >> bit & 1)) != 0)
                {
                    register ^= polynomial;
                }
            }
        }

        return register;
    }

    /// <summary>The register inverted and reflected, big-endian.</summary>
    public static byte[] Value(ChecksumAlgorithm algorithm, ulong register)
    {
        int width = Width(algorithm);
        byte[] bytes = new byte[width / 8];
        for (int bit = 0; bit < width; bit++)
        {
            if ((register >> bit & 1) == 0)
            {
                bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
            }
        }

        return bytes;
    }

    private static int Width(ChecksumAlgorithm algorithm) => 8 * ChecksumAlgorithms.HashSize(algorithm);
}
