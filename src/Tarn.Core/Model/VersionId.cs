using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tarn.Core.Model;

/// <summary>
/// Names a version of an object, and orders the versions of one key: the sequence grows with every write, by the clock
/// where it can. Its text is 32 hexadecimal digits. Whether a version is called "null" instead is the version's own property.
/// </summary>
/// <param name="Sequence">Microseconds since 1970, or one more than the version before.</param>
/// <param name="Random">Keeps the ids of versions that were never known to each other apart.</param>
public readonly record struct VersionId(ulong Sequence, ulong Random) : IComparable<VersionId>
{
    /// <summary>What a version is called that was written while its bucket kept no versions.</summary>
    public const string Null = "null";

    /// <summary>Set in the random part of versions that are placed when they are written, and not in that of uploads, which are placed when they begin.</summary>
    internal const ulong WrittenLater = 1UL << 63;

    /// <summary>Bytes in the binary form.</summary>
    internal const int Size = 16;

    public static bool TryParse([NotNullWhen(true)] string? text, out VersionId version)
    {
        version = default;
        if (text is null || text.Length != 32
            || !ulong.TryParse(text.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong sequence)
            || !ulong.TryParse(text.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong random))
        {
            return false;
        }

        version = new VersionId(sequence, random);
        return true;
    }

    public int CompareTo(VersionId other) =>
        Sequence != other.Sequence ? Sequence.CompareTo(other.Sequence) : Random.CompareTo(other.Random);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Sequence:x16}{Random:x16}");

    public static bool operator <(VersionId left, VersionId right) => left.CompareTo(right) < 0;

    public static bool operator >(VersionId left, VersionId right) => left.CompareTo(right) > 0;

    public static bool operator <=(VersionId left, VersionId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(VersionId left, VersionId right) => left.CompareTo(right) >= 0;

    internal static VersionId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    internal byte[] ToArray()
    {
        byte[] bytes = new byte[Size];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Sequence);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), Random);
        return bytes;
    }
}
