namespace Tarn.Core.KeyValue;

/// <summary>Compares byte strings by content, in the order of unsigned bytes; a prefix sorts before what it begins.</summary>
public sealed class ByteStringComparer : IComparer<byte[]>, IEqualityComparer<byte[]>
{
    /// <summary>The only instance.</summary>
    public static ByteStringComparer Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(byte[]? x, byte[]? y) => x is null || y is null
        ? (x is null ? 0 : 1) - (y is null ? 0 : 1)
        : x.AsSpan().SequenceCompareTo(y);

    /// <inheritdoc/>
    public bool Equals(byte[]? x, byte[]? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null && x.AsSpan().SequenceEqual(y));

    /// <inheritdoc/>
    public int GetHashCode(byte[] obj)
    {
        HashCode hash = default;
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }
}
