using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tarn.Core.Hashing;

/// <summary>
/// Computes a reflected CRC by carry-less multiplication: a block is replaced by a congruent one further on ("folded" over the distance),
/// four in flight, until one block is left to reduce.
/// </summary>
/// <remarks>
/// Source: V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel, 2009.
/// A 128-bit block is A·x⁶⁴+B, A in the lower half as all is reflected. The product of two reflected 64-bit polynomials comes out
/// one bit short, that is, multiplied by x; hence the exponents are one less than the distance.
/// </remarks>
internal sealed class CrcFolding
{
    /// <summary>The minimum number of bytes that <see cref="Update"/> takes.</summary>
    public const int Minimum = 16;

    /// <summary>The minimum number of bytes that <see cref="UpdateWide"/> takes.</summary>
    public const int WideMinimum = 256;

    private readonly CrcTables _tables;
    private readonly Vector128<ulong> _over128;
    private readonly Vector128<ulong> _over512;
    private readonly Vector512<ulong> _wideOver512;
    private readonly Vector512<ulong> _wideOver2048;
    private readonly Vector128<ulong> _reduction;
    private readonly Vector128<ulong> _shift;

    public CrcFolding(CrcField field, CrcTables tables)
    {
        _tables = tables;
        _over128 = Factors(field, 128);
        _over512 = Factors(field, 512);
        _wideOver512 = Broadcast(_over512);
        _wideOver2048 = Broadcast(Factors(field, 2048));
        _reduction = Vector128.Create(field.Quotient, field.Polynomial);
        _shift = Vector128.CreateScalar(field.PowerOfX(127));
    }

    /// <summary>Whether the processor multiplies four pairs at once without slowing down.</summary>
    public static bool IsWideSupported => Pclmulqdq.V512.IsSupported && Vector512.IsHardwareAccelerated;

    /// <summary>The register after at least <see cref="Minimum"/> bytes, by 128-bit instructions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ulong Update(ulong register, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(data.Length, Minimum);
        ref byte start = ref MemoryMarshal.GetReference(data);
        nuint length = (nuint)data.Length;
        nuint at = 16;
        Vector128<ulong> block = Load(ref start, 0) ^ Vector128.CreateScalar(register);
        if (length >= 64)
        {
            Vector128<ulong> factors = _over512;
            Vector128<ulong> second = Load(ref start, 16);
            Vector128<ulong> third = Load(ref start, 32);
            Vector128<ulong> fourth = Load(ref start, 48);
            for (at = 64; at + 64 <= length; at += 64)
            {
                block = Fold(block, factors) ^ Load(ref start, at);
                second = Fold(second, factors) ^ Load(ref start, at + 16);
                third = Fold(third, factors) ^ Load(ref start, at + 32);
                fourth = Fold(fourth, factors) ^ Load(ref start, at + 48);
            }

            second ^= Fold(block, _over128);
            third ^= Fold(second, _over128);
            block = fourth ^ Fold(third, _over128);
        }

        return Finish(block, ref start, at, data);
    }

    /// <summary>The register after at least <see cref="WideMinimum"/> bytes, by 512-bit instructions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ulong UpdateWide(ulong register, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(data.Length, WideMinimum);
        ref byte start = ref MemoryMarshal.GetReference(data);
        nuint length = (nuint)data.Length;
        Vector512<ulong> factors = _wideOver2048;
        Vector512<ulong> block = LoadWide(ref start, 0) ^ Vector512.CreateScalar(register);
        Vector512<ulong> second = LoadWide(ref start, 64);
        Vector512<ulong> third = LoadWide(ref start, 128);
        Vector512<ulong> fourth = LoadWide(ref start, 192);
        nuint at = 256;
        for (; at + 256 <= length; at += 256)
        {
            block = Fold(block, factors) ^ LoadWide(ref start, at);
            second = Fold(second, factors) ^ LoadWide(ref start, at + 64);
            third = Fold(third, factors) ^ LoadWide(ref start, at + 128);
            fourth = Fold(fourth, factors) ^ LoadWide(ref start, at + 192);
        }

        factors = _wideOver512;
        second ^= Fold(block, factors);
        third ^= Fold(second, factors);
        block = fourth ^ Fold(third, factors);
        for (; at + 64 <= length; at += 64)
        {
            block = Fold(block, factors) ^ LoadWide(ref start, at);
        }

        Vector128<ulong> last = block.GetLower().GetLower();
        last = block.GetLower().GetUpper() ^ Fold(last, _over128);
        last = block.GetUpper().GetLower() ^ Fold(last, _over128);
        last = block.GetUpper().GetUpper() ^ Fold(last, _over128);
        return Finish(last, ref start, at, data);
    }

    /// <summary>Processes the rest of the data from <paramref name="at"/> on, and reduces.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Finish(Vector128<ulong> block, ref byte start, nuint at, ReadOnlySpan<byte> data)
    {
        for (; at + 16 <= (nuint)data.Length; at += 16)
        {
            block = Fold(block, _over128) ^ Load(ref start, at);
        }

        ulong register = Reduce(block);
        return at == (nuint)data.Length ? register : _tables.Update(register, data[(int)at..]);
    }

    /// <summary>The block times x⁶⁴ modulo the polynomial: 128 bits to 64 by one more fold, then Barrett's reduction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Reduce(Vector128<ulong> block)
    {
        Vector128<ulong> folded = Pclmulqdq.CarrylessMultiply(block, _shift, 0x00);
        ulong high = folded[0] ^ block[1];
        ulong quotient = high ^ (Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(high), _reduction, 0x00)[0] << 1);
        Vector128<ulong> multiple = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(quotient), _reduction, 0x10);
        return folded[1] ^ (multiple[1] << 1) ^ (multiple[0] >> 63);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector128<ulong> block, Vector128<ulong> factors) =>
        Pclmulqdq.CarrylessMultiply(block, factors, 0x00) ^ Pclmulqdq.CarrylessMultiply(block, factors, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Fold(Vector512<ulong> block, Vector512<ulong> factors) =>
        Pclmulqdq.V512.CarrylessMultiply(block, factors, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(block, factors, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Load(ref byte start, nuint at) => Vector128.LoadUnsafe(ref start, at).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> LoadWide(ref byte start, nuint at) => Vector512.LoadUnsafe(ref start, at).AsUInt64();

    /// <summary>The factors for the two halves of a block that move it <paramref name="bits"/> bits on.</summary>
    private static Vector128<ulong> Factors(CrcField field, int bits) =>
        Vector128.Create(field.PowerOfX(bits + 63), field.PowerOfX(bits - 1));

    private static Vector512<ulong> Broadcast(Vector128<ulong> value) =>
        Vector512.Create(Vector256.Create(value, value), Vector256.Create(value, value));
}
