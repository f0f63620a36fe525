namespace Tarn.Core.Hashing;

/// <summary>
/// Polynomials over GF(2) modulo that of a CRC, reflected: bit 63 is the coefficient of x⁰, bit 0 that of x⁶³.
/// </summary>
internal sealed class CrcField
{
    private const ulong One = 1UL << 63;

    /// <summary>x to the power 2^k. Bit lengths of up to 8·(2⁶³−1) need k up to 65.</summary>
    private readonly ulong[] _powers = new ulong[66];

    /// <param name="polynomial">The polynomial without its leading x⁶⁴, reflected.</param>
    public CrcField(ulong polynomial)
    {
        Polynomial = polynomial;
        _powers[0] = One >> 1;
        for (int k = 1; k < _powers.Length; k++)
        {
            _powers[k] = Multiply(_powers[k - 1], _powers[k - 1]);
        }

        Quotient = Divide();
    }

    /// <summary>The modulus without its leading x⁶⁴.</summary>
    public ulong Polynomial { get; }

    /// <summary>x¹²⁸ divided by the modulus, without the leading x⁶⁴: Barrett's constant.</summary>
    public ulong Quotient { get; }

    public ulong Multiply(ulong left, ulong right)
    {
        ulong product = 0;
        for (; left != 0; left <<= 1)
        {
            product ^= right & (ulong)((long)left >> 63);
            right = TimesX(right);
        }

        return product;
    }

    /// <summary>x to the power <paramref name="exponent"/>, which is not negative.</summary>
    public ulong PowerOfX(long exponent) => PowerOfX(exponent, 0);

    /// <summary>The factor that moves a CRC past <paramref name="bytes"/> bytes, which is not negative: x to the power of their bits.</summary>
    public ulong ShiftOverBytes(long bytes) => PowerOfX(bytes, 3);

    private ulong PowerOfX(long exponent, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exponent);
        ulong power = One;
        for (int k = scale; exponent != 0; exponent >>= 1, k++)
        {
            if ((exponent & 1) != 0)
            {
                power = Multiply(power, _powers[k]);
            }
        }

        return power;
    }

    private ulong TimesX(ulong value) => (value >> 1) ^ (Polynomial & (0 - (value & 1)));

    private ulong Divide()
    {
        // x⁶⁴ times the modulus removes the leading x¹²⁸; the rest is long division, a bit at a time.
        ulong remainder = Polynomial;
        ulong quotient = 0;
        for (int bit = 0; bit < 64; bit++)
        {
            quotient |= (remainder & 1) << bit;
            remainder = TimesX(remainder);
        }

        return quotient;
    }
}
