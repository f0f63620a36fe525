using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Tarn.Core.Hashing.Lanes;

/// <summary>
/// The compression function of MD5 over a word of each of several messages at once, written once for every width. Source: RFC 1321, section 3.4.
/// </summary>
/// <remarks>
/// One message cannot be hashed faster: each of the 64 steps waits for the one before it, while most of the processor's units idle.
/// Several messages occupy them.
/// </remarks>
/// <typeparam name="TWords">A 32-bit word of each message.</typeparam>
/// <typeparam name="TLanes">Its arithmetic.</typeparam>
internal static unsafe class Md5Compression<TWords, TLanes>
    where TWords : unmanaged
    where TLanes : struct, IMd5Lanes<TWords>
{
    /// <summary>Hashes blocks of 64 bytes of as many messages as <typeparamref name="TWords"/> has words.</summary>
    /// <param name="state">The four words of each message's state, which are replaced: first those of word A, message by message.</param>
    /// <param name="messages">Where the next block of each message is. Two may be the same.</param>
    /// <param name="blocks">How many blocks of each.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Compress(uint* state, byte** messages, nuint blocks)
    {
        // Aligned by hand: vectors that cross a cache line cost a tenth of the speed.
        nuint size = (nuint)sizeof(TWords);
        byte* room = stackalloc byte[17 * sizeof(TWords)];
        var words = (TWords*)(((nuint)room + size - 1) & ~(size - 1));
        var kept = (TWords*)state;
        TWords a = Unsafe.ReadUnaligned<TWords>(kept);
        TWords b = Unsafe.ReadUnaligned<TWords>(kept + 1);
        TWords c = Unsafe.ReadUnaligned<TWords>(kept + 2);
        TWords d = Unsafe.ReadUnaligned<TWords>(kept + 3);
        for (nuint at = 0; at < blocks * Md5State.BlockSize; at += Md5State.BlockSize)
        {
            TLanes.Load(messages, at, words);
            (TWords a0, TWords b0, TWords c0, TWords d0) = (a, b, c, d);
            a = First(a, b, c, d, words[0], 0xD76AA478, 7);
            d = First(d, a, b, c, words[1], 0xE8C7B756, 12);
            c = First(c, d, a, b, words[2], 0x242070DB, 17);
            b = First(b, c, d, a, words[3], 0xC1BDCEEE, 22);
            a = First(a, b, c, d, words[4], 0xF57C0FAF, 7);
            d = First(d, a, b, c, words[5], 0x4787C62A, 12);
            c = First(c, d, a, b, words[6], 0xA8304613, 17);
            b = First(b, c, d, a, words[7], 0xFD469501, 22);
            a = First(a, b, c, d, words[8], 0x698098D8, 7);
            d = First(d, a, b, c, words[9], 0x8B44F7AF, 12);
            c = First(c, d, a, b, words[10], 0xFFFF5BB1, 17);
            b = First(b, c, d, a, words[11], 0x895CD7BE, 22);
            a = First(a, b, c, d, words[12], 0x6B901122, 7);
            d = First(d, a, b, c, words[13], 0xFD987193, 12);
            c = First(c, d, a, b, words[14], 0xA679438E, 17);
            b = First(b, c, d, a, words[15], 0x49B40821, 22);

            a = Second(a, b, c, d, words[1], 0xF61E2562, 5);
            d = Second(d, a, b, c, words[6], 0xC040B340, 9);
            c = Second(c, d, a, b, words[11], 0x265E5A51, 14);
            b = Second(b, c, d, a, words[0], 0xE9B6C7AA, 20);
            a = Second(a, b, c, d, words[5], 0xD62F105D, 5);
            d = Second(d, a, b, c, words[10], 0x02441453, 9);
            c = Second(c, d, a, b, words[15], 0xD8A1E681, 14);
            b = Second(b, c, d, a, words[4], 0xE7D3FBC8, 20);
            a = Second(a, b, c, d, words[9], 0x21E1CDE6, 5);
            d = Second(d, a, b, c, words[14], 0xC33707D6, 9);
            c = Second(c, d, a, b, words[3], 0xF4D50D87, 14);
            b = Second(b, c, d, a, words[8], 0x455A14ED, 20);
            a = Second(a, b, c, d, words[13], 0xA9E3E905, 5);
            d = Second(d, a, b, c, words[2], 0xFCEFA3F8, 9);
            c = Second(c, d, a, b, words[7], 0x676F02D9, 14);
            b = Second(b, c, d, a, words[12], 0x8D2A4C8A, 20);

            a = Third(a, b, c, d, words[5], 0xFFFA3942, 4);
            d = Third(d, a, b, c, words[8], 0x8771F681, 11);
            c = Third(c, d, a, b, words[11], 0x6D9D6122, 16);
            b = Third(b, c, d, a, words[14], 0xFDE5380C, 23);
            a = Third(a, b, c, d, words[1], 0xA4BEEA44, 4);
            d = Third(d, a, b, c, words[4], 0x4BDECFA9, 11);
            c = Third(c, d, a, b, words[7], 0xF6BB4B60, 16);
            b = Third(b, c, d, a, words[10], 0xBEBFBC70, 23);
            a = Third(a, b, c, d, words[13], 0x289B7EC6, 4);
            d = Third(d, a, b, c, words[0], 0xEAA127FA, 11);
            c = Third(c, d, a, b, words[3], 0xD4EF3085, 16);
            b = Third(b, c, d, a, words[6], 0x04881D05, 23);
            a = Third(a, b, c, d, words[9], 0xD9D4D039, 4);
            d = Third(d, a, b, c, words[12], 0xE6DB99E5, 11);
            c = Third(c, d, a, b, words[15], 0x1FA27CF8, 16);
            b = Third(b, c, d, a, words[2], 0xC4AC5665, 23);

            a = Fourth(a, b, c, d, words[0], 0xF4292244, 6);
            d = Fourth(d, a, b, c, words[7], 0x432AFF97, 10);
            c = Fourth(c, d, a, b, words[14], 0xAB9423A7, 15);
            b = Fourth(b, c, d, a, words[5], 0xFC93A039, 21);
            a = Fourth(a, b, c, d, words[12], 0x655B59C3, 6);
            d = Fourth(d, a, b, c, words[3], 0x8F0CCC92, 10);
            c = Fourth(c, d, a, b, words[10], 0xFFEFF47D, 15);
            b = Fourth(b, c, d, a, words[1], 0x85845DD1, 21);
            a = Fourth(a, b, c, d, words[8], 0x6FA87E4F, 6);
            d = Fourth(d, a, b, c, words[15], 0xFE2CE6E0, 10);
            c = Fourth(c, d, a, b, words[6], 0xA3014314, 15);
            b = Fourth(b, c, d, a, words[13], 0x4E0811A1, 21);
            a = Fourth(a, b, c, d, words[4], 0xF7537E82, 6);
            d = Fourth(d, a, b, c, words[11], 0xBD3AF235, 10);
            c = Fourth(c, d, a, b, words[2], 0x2AD7D2BB, 15);
            b = Fourth(b, c, d, a, words[9], 0xEB86D391, 21);

            a = TLanes.Add(a, a0);
            b = TLanes.Add(b, b0);
            c = TLanes.Add(c, c0);
            d = TLanes.Add(d, d0);
        }

        Unsafe.WriteUnaligned(kept, a);
        Unsafe.WriteUnaligned(kept + 1, b);
        Unsafe.WriteUnaligned(kept + 2, c);
        Unsafe.WriteUnaligned(kept + 3, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWords First(TWords a, TWords b, TWords c, TWords d, TWords word, uint constant, [ConstantExpected] byte shift) =>
        Step(TLanes.Add(TLanes.AddConstant(a, constant), word), TLanes.Select(b, c, d), b, shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWords Second(TWords a, TWords b, TWords c, TWords d, TWords word, uint constant, [ConstantExpected] byte shift) =>
        TLanes.Add(TLanes.RotateLeft(TLanes.AddSelected(TLanes.Add(TLanes.AddConstant(a, constant), word), b, c, d), shift), b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWords Third(TWords a, TWords b, TWords c, TWords d, TWords word, uint constant, [ConstantExpected] byte shift) =>
        Step(TLanes.Add(TLanes.AddConstant(a, constant), word), TLanes.Xor(b, c, d), b, shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWords Fourth(TWords a, TWords b, TWords c, TWords d, TWords word, uint constant, [ConstantExpected] byte shift) =>
        Step(TLanes.Add(TLanes.AddConstant(a, constant), word), TLanes.XorOrNot(b, c, d), b, shift);

    /// <param name="early">What does not wait for the step before.</param>
    /// <param name="late">What does.</param>
    /// <param name="b">The result of the step before.</param>
    /// <param name="shift">The bits to rotate by.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWords Step(TWords early, TWords late, TWords b, [ConstantExpected] byte shift) =>
        TLanes.Add(TLanes.RotateLeft(TLanes.Add(early, late), shift), b);
}
