using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tarn.Core.Hashing.Lanes;

/// <summary>Sixteen messages, by AVX-512, which rotates in one instruction and computes any function of three bits in another.</summary>
internal unsafe struct Lanes512 : IMd5Lanes<Vector512<uint>>
{
    private const MethodImplOptions Inlined = MethodImplOptions.AggressiveInlining;

    /// <summary>Not where the processor has AVX-512 but slows down when it is used.</summary>
    public static bool IsSupported => Avx512F.IsSupported && Vector512.IsHardwareAccelerated;

    [MethodImpl(Inlined)]
    public static Vector512<uint> Add(Vector512<uint> left, Vector512<uint> right) => left + right;

    [MethodImpl(Inlined)]
    public static Vector512<uint> AddConstant(Vector512<uint> words, uint constant) => words + Vector512.Create(constant);

    [MethodImpl(Inlined)]
    public static Vector512<uint> RotateLeft(Vector512<uint> words, [ConstantExpected] byte bits) => Avx512F.RotateLeft(words, bits);

    // The last operand is the function's table: bit (x·4 + y·2 + z) is its value.
    [MethodImpl(Inlined)]
    public static Vector512<uint> Select(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) => Avx512F.TernaryLogic(x, y, z, 0xCA);

    [MethodImpl(Inlined)]
    public static Vector512<uint> AddSelected(Vector512<uint> sum, Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) => sum + Avx512F.TernaryLogic(z, x, y, 0xCA);

    [MethodImpl(Inlined)]
    public static Vector512<uint> Xor(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) => Avx512F.TernaryLogic(x, y, z, 0x96);

    [MethodImpl(Inlined)]
    public static Vector512<uint> XorOrNot(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) => Avx512F.TernaryLogic(x, y, z, 0x39);

    /// <summary>Transposes 4 × 4 words within each quarter of the vectors, then 4 × 4 quarters.</summary>
    [MethodImpl(Inlined)]
    public static void Load(byte** messages, nuint at, Vector512<uint>* words)
    {
        // A block is a cache line. Each is loaded once, as a whole: blocks at the same place in pages evict one another.
        LoadFour(messages, at, words);
        LoadFour(messages + 4, at, words + 4);
        LoadFour(messages + 8, at, words + 8);
        LoadFour(messages + 12, at, words + 12);
        for (int i = 0; i < 4; i++)
        {
            Vector512<uint> first = words[i], second = words[i + 4], third = words[i + 8], fourth = words[i + 12];
            Vector512<uint> low = Avx512F.Shuffle4x128(first, second, 0x44), high = Avx512F.Shuffle4x128(first, second, 0xEE);
            Vector512<uint> otherLow = Avx512F.Shuffle4x128(third, fourth, 0x44), otherHigh = Avx512F.Shuffle4x128(third, fourth, 0xEE);
            words[i] = Avx512F.Shuffle4x128(low, otherLow, 0x88);
            words[i + 4] = Avx512F.Shuffle4x128(low, otherLow, 0xDD);
            words[i + 8] = Avx512F.Shuffle4x128(high, otherHigh, 0x88);
            words[i + 12] = Avx512F.Shuffle4x128(high, otherHigh, 0xDD);
        }
    }

    /// <summary>Quarter q of vector i becomes word 4q + i of the four messages.</summary>
    [MethodImpl(Inlined)]
    private static void LoadFour(byte** messages, nuint at, Vector512<uint>* words)
    {
        Vector512<uint> first = Vector512.Load((uint*)(messages[0] + at)), second = Vector512.Load((uint*)(messages[1] + at));
        Vector512<uint> third = Vector512.Load((uint*)(messages[2] + at)), fourth = Vector512.Load((uint*)(messages[3] + at));
        Vector512<ulong> low = Avx512F.UnpackLow(first, second).AsUInt64(), high = Avx512F.UnpackHigh(first, second).AsUInt64();
        Vector512<ulong> otherLow = Avx512F.UnpackLow(third, fourth).AsUInt64(), otherHigh = Avx512F.UnpackHigh(third, fourth).AsUInt64();
        words[0] = Avx512F.UnpackLow(low, otherLow).AsUInt32();
        words[1] = Avx512F.UnpackHigh(low, otherLow).AsUInt32();
        words[2] = Avx512F.UnpackLow(high, otherHigh).AsUInt32();
        words[3] = Avx512F.UnpackHigh(high, otherHigh).AsUInt32();
    }
}
