using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tarn.Core.Hashing.Lanes;

/// <summary>Eight messages, by AVX2.</summary>
internal unsafe struct Lanes256 : IMd5Lanes<Vector256<uint>>
{
    private const MethodImplOptions Inlined = MethodImplOptions.AggressiveInlining;

    public static bool IsSupported => Avx2.IsSupported;

    [MethodImpl(Inlined)]
    public static Vector256<uint> Add(Vector256<uint> left, Vector256<uint> right) => left + right;

    [MethodImpl(Inlined)]
    public static Vector256<uint> AddConstant(Vector256<uint> words, uint constant) => words + Vector256.Create(constant);

    [MethodImpl(Inlined)]
    public static Vector256<uint> RotateLeft(Vector256<uint> words, [ConstantExpected] byte bits) => (words << bits) | (words >>> (32 - bits));

    [MethodImpl(Inlined)]
    public static Vector256<uint> Select(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) => ((y ^ z) & x) ^ z;

    // The two terms never have a bit in common, so they can be added, and only one of them waits for x.
    [MethodImpl(Inlined)]
    public static Vector256<uint> AddSelected(Vector256<uint> sum, Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) => sum + Vector256.AndNot(y, z) + (x & z);

    [MethodImpl(Inlined)]
    public static Vector256<uint> Xor(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) => (y ^ z) ^ x;

    [MethodImpl(Inlined)]
    public static Vector256<uint> XorOrNot(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) => y ^ (x | ~z);

    /// <summary>Each half of a vector is a 4 × 4 matrix of words, of messages 0 to 3 and 4 to 7; it is transposed by pairs of words, then pairs of pairs.</summary>
    [MethodImpl(Inlined)]
    public static void Load(byte** messages, nuint at, Vector256<uint>* words)
    {
        for (int i = 0; i < 4; i++, at += 16, words += 4)
        {
            Vector256<uint> first = Pair(messages, 0, at), second = Pair(messages, 1, at), third = Pair(messages, 2, at), fourth = Pair(messages, 3, at);
            Vector256<ulong> low = Avx2.UnpackLow(first, second).AsUInt64(), high = Avx2.UnpackHigh(first, second).AsUInt64();
            Vector256<ulong> otherLow = Avx2.UnpackLow(third, fourth).AsUInt64(), otherHigh = Avx2.UnpackHigh(third, fourth).AsUInt64();
            words[0] = Avx2.UnpackLow(low, otherLow).AsUInt32();
            words[1] = Avx2.UnpackHigh(low, otherLow).AsUInt32();
            words[2] = Avx2.UnpackLow(high, otherHigh).AsUInt32();
            words[3] = Avx2.UnpackHigh(high, otherHigh).AsUInt32();
        }
    }

    /// <summary>Four words of a message and of the fourth after it.</summary>
    [MethodImpl(Inlined)]
    private static Vector256<uint> Pair(byte** messages, int index, nuint at) =>
        Vector256.Create(Vector128.Load((uint*)(messages[index] + at)), Vector128.Load((uint*)(messages[index + 4] + at)));
}
