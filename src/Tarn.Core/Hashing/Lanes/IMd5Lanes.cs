using System.Diagnostics.CodeAnalysis;

namespace Tarn.Core.Hashing.Lanes;

/// <summary>The arithmetic of MD5 on a word of each of several messages.</summary>
/// <typeparam name="TWords">The words.</typeparam>
internal unsafe interface IMd5Lanes<TWords>
    where TWords : unmanaged
{
    static abstract TWords Add(TWords left, TWords right);

    static abstract TWords AddConstant(TWords words, uint constant);

    static abstract TWords RotateLeft(TWords words, [ConstantExpected] byte bits);

    /// <summary>F of RFC 1321: y where x has ones, z elsewhere.</summary>
    static abstract TWords Select(TWords x, TWords y, TWords z);

    /// <summary>Adds G of RFC 1321: x where z has ones, y elsewhere.</summary>
    static abstract TWords AddSelected(TWords sum, TWords x, TWords y, TWords z);

    /// <summary>H of RFC 1321: x xor y xor z.</summary>
    static abstract TWords Xor(TWords x, TWords y, TWords z);

    /// <summary>I of RFC 1321: y xor (x or not z).</summary>
    static abstract TWords XorOrNot(TWords x, TWords y, TWords z);

    /// <summary>Loads a block of each message, transposed.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="at">Where in each the block begins.</param>
    /// <param name="words">Receives 16 vectors: the first word of each message, the second of each, and so on. Aligned to their size.</param>
    static abstract void Load(byte** messages, nuint at, TWords* words);
}
