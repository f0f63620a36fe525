using System.Buffers.Binary;

namespace Tarn.Core.KeyValue;

/// <summary>
/// The value of a counter: signed numbers of 64 bits, big-endian, one after the other. A number that is not there is 0, and a counter of which all numbers are 0 is no
/// row. Sums wrap around. docs/design/counts.md
/// </summary>
/// <remarks>
/// A counter never makes a commit fail: one that cannot be read, or whose value is none of a counter, begins anew at 0. In the same commit the engine deletes the row
/// <see cref="WholeRow"/>, which says that no counter was lost.
/// </remarks>
public static class KeyValueCounter
{
    /// <summary>The key of the row that an engine deletes when it begins a lost counter anew. What it holds is up to who counts.</summary>
    public static byte[] WholeRow => [0x56];

    /// <summary>Whether a value is a counter's.</summary>
    public static bool Is(byte[]? value) => value is null || value.Length % sizeof(long) == 0;

    /// <summary>Adds to a counter's value.</summary>
    /// <param name="value">The value; null when the counter is no row.</param>
    /// <param name="deltas">What is added to each number.</param>
    /// <returns>The new value; null when all numbers are 0.</returns>
    public static byte[]? Add(byte[]? value, ReadOnlySpan<long> deltas)
    {
        byte[] sums = new byte[Math.Max(value?.Length ?? 0, deltas.Length * sizeof(long))];
        value?.CopyTo(sums, 0);
        for (int i = 0; i < deltas.Length; i++)
        {
            Span<byte> number = sums.AsSpan(i * sizeof(long));
            BinaryPrimitives.WriteInt64BigEndian(number, unchecked(BinaryPrimitives.ReadInt64BigEndian(number) + deltas[i]));
        }

        return sums.AsSpan().ContainsAnyExcept((byte)0) ? sums : null;
    }

    /// <summary>Reads the first numbers of a counter.</summary>
    /// <param name="value">The value; null when the counter is no row.</param>
    /// <param name="numbers">Receives them.</param>
    public static void Read(byte[]? value, Span<long> numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = (i + 1) * sizeof(long) <= value?.Length ? BinaryPrimitives.ReadInt64BigEndian(value.AsSpan(i * sizeof(long))) : 0;
        }
    }
}
