using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tarn.Core.Hashing.Lanes;

/// <summary>Four messages.</summary>
internal unsafe struct Lanes128 : IMd5Lanes<Vector128<uint>>
{
    private const MethodImplOptions Inlined = MethodImplOptions.AggressiveInlining;

    public static bool IsSupported => Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian;

    [MethodImpl(Inlined)]
    public static Vector128<uint> Add(Vector128<uint> left, Vector128<uint> right) => left + right;

    [MethodImpl(Inlined)]
    public static Vector128<uint> AddConstant(Vector128<uint> words, uint constant) => words + Vector128.Create(constant);

    [MethodImpl(Inlined)]
    public static Vector128<uint> RotateLeft(Vector128<uint> words, [ConstantExpected] byte bits) => (words << bits) | (words >>> (32 - bits));

    [MethodImpl(Inlined)]
    public static Vector128<uint> Select(Vector128<uint> x, Vector128<uint> y, Vector128<uint> z) => ((y ^ z) & x) ^ z;

    // The two terms never have a bit in common, so they can be added, and only one of them waits for x.
    [MethodImpl(Inlined)]
    public static Vector128<uint> AddSelected(Vector128<uint> sum, Vector128<uint> x, Vector128<uint> y, Vector128<uint> z) => sum + Vector128.AndNot(y, z) + (x & z);

    [MethodImpl(Inlined)]
    public static Vector128<uint> Xor(Vector128<uint> x, Vector128<uint> y, Vector128<uint> z) => (y ^ z) ^ x;

    [MethodImpl(Inlined)]
    public static Vector128<uint> XorOrNot(Vector128<uint> x, Vector128<uint> y, Vector128<uint> z) => y ^ (x | ~z);

    [MethodImpl(Inlined)]
    public static void Load(byte** messages, nuint at, Vector128<uint>* words)
    {
        uint* first = (uint*)(messages[0] + at);
        uint* second = (uint*)(messages[1] + at);
        uint* third = (uint*)(messages[2] + at);
        uint* fourth = (uint*)(messages[3] + at);
        for (int i = 0; i < 16; i++)
        {
            words[i] = Vector128.Create(first[i], second[i], third[i], fourth[i]);
        }
    }
}
