using System.Buffers.Binary;

namespace Tarn.Core.KeyValue;

/// <summary>
/// The value of a counter: signed numbers of 64 bits, big-endian, one after the other. A number that is not there is 0, and a counter of which all numbers are 0 is no
/// row. Sums wrap around. docs/design/key-layout.md
/// </summary>
public static class KeyValueCounter
{
    /// <summary>Adds to a counter's value.</summary>
    /// <param name="value">The value; null when the counter is no row.</param>
    /// <param name="deltas">What is added to each number.</param>
    /// <returns>The new value; null when all numbers are 0.</returns>
    /// <exception cref="StoreDamagedException">The value is not a counter's.</exception>
    public static byte[]? Add(byte[]? value, ReadOnlySpan<long> deltas)
    {
        ThrowIfNone(value);
        int length = Math.Max(value?.Length ?? 0, deltas.Length * sizeof(long));
        byte[] sums = new byte[length];
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
    /// <exception cref="StoreDamagedException">The value is not a counter's.</exception>
    public static void Read(byte[]? value, Span<long> numbers)
    {
        ThrowIfNone(value);
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = (i + 1) * sizeof(long) <= value?.Length ? BinaryPrimitives.ReadInt64BigEndian(value.AsSpan(i * sizeof(long))) : 0;
        }
    }

    /// <exception cref="StoreDamagedException">The value is not a counter's.</exception>
    public static void ThrowIfNone(byte[]? value)
    {
        if (value?.Length % sizeof(long) > 0)
        {
            throw new StoreDamagedException($"A counter has {value!.Length} bytes, which is no multiple of {sizeof(long)}.");
        }
    }
}
