using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tarn.Core.Hashing.Lanes;

/// <summary>One message, by the processor's ordinary instructions.</summary>
internal unsafe struct ScalarLane : IMd5Lanes<uint>
{
    private const MethodImplOptions Inlined = MethodImplOptions.AggressiveInlining;

    [MethodImpl(Inlined)]
    public static uint Add(uint left, uint right) => left + right;

    [MethodImpl(Inlined)]
    public static uint AddConstant(uint words, uint constant) => words + constant;

    [MethodImpl(Inlined)]
    public static uint RotateLeft(uint words, [ConstantExpected] byte bits) => BitOperations.RotateLeft(words, bits);

    // Written so that as little as possible waits for x, which is the result of the step before.
    [MethodImpl(Inlined)]
    public static uint Select(uint x, uint y, uint z) => ((y ^ z) & x) ^ z;

    // The two terms never have a bit in common, so they can be added, and only one of them waits for x.
    [MethodImpl(Inlined)]
    public static uint AddSelected(uint sum, uint x, uint y, uint z) => sum + (y & ~z) + (x & z);

    [MethodImpl(Inlined)]
    public static uint Xor(uint x, uint y, uint z) => (y ^ z) ^ x;

    [MethodImpl(Inlined)]
    public static uint XorOrNot(uint x, uint y, uint z) => y ^ (x | ~z);

    [MethodImpl(Inlined)]
    public static void Load(byte** messages, nuint at, uint* words)
    {
        Unsafe.CopyBlockUnaligned(words, messages[0] + at, Md5State.BlockSize);
        if (!BitConverter.IsLittleEndian)
        {
            var loaded = new Span<uint>(words, 16);
            BinaryPrimitives.ReverseEndianness(loaded, loaded);
        }
    }
}
