namespace Tarn.Core.Objects.Integrity;

/// <summary>A range of bytes that holds all the damage found in one piece of data.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="Length">Bytes; <see cref="long.MaxValue"/>: to the end.</param>
internal readonly record struct DamageRange(long Offset, long Length)
{
    /// <summary>The range of damage behind the payload (<see cref="Blobs.Layout.DamageKind.Tail"/>): it has no byte in common with any read, and no read ends it.</summary>
    public static DamageRange Tail { get; } = new(long.MaxValue, 0);

    /// <summary>The byte after the last; <see cref="long.MaxValue"/>: the end.</summary>
    public long End => Length > long.MaxValue - Offset ? long.MaxValue : Offset + Length;

    /// <summary>Whether a run of bytes has any byte in common with it; of no bytes, whether all the data is concerned.</summary>
    public bool Overlaps(long offset, long length) => length == 0 ? Length == long.MaxValue : offset < End && Offset < offset + length;

    /// <summary>The smallest range that holds both.</summary>
    public DamageRange With(DamageRange other)
    {
        long start = Math.Min(Offset, other.Offset);
        if (start == Tail.Offset)
        {
            return Tail;
        }

        long end = Math.Max(End, other.End);
        return new DamageRange(start, end == long.MaxValue ? long.MaxValue : end - start);
    }
}
