using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tarn.Core.Model;

/// <summary>
/// The id of a version of an object, which orders the versions of one key: the sequence grows with every write, following the clock
/// where possible. Its text is 32 hexadecimal digits. Whether a version is called "null" instead is a property of the version.
/// </summary>
/// <param name="Sequence">Microseconds since 1970, or one more than the previous version's.</param>
/// <param name="Random">Distinguishes versions of the same microsecond in different histories.</param>
public readonly record struct VersionId(ulong Sequence, ulong Random) : IComparable<VersionId>
{
    /// <summary>The id of a version written while its bucket kept no versions.</summary>
    public const string Null = "null";

    /// <summary>Set in the random part of versions placed when they are written, and clear in that of uploads, which are placed when they begin.</summary>
    internal const ulong WrittenLater = 1UL << 63;

    /// <summary>Bytes in the binary form.</summary>
    internal const int Size = 16;

    /// <summary>Reads the text of an id; false for any other text, "null" included.</summary>
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

    /// <inheritdoc/>
    public int CompareTo(VersionId other) =>
        Sequence != other.Sequence ? Sequence.CompareTo(other.Sequence) : Random.CompareTo(other.Random);

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Sequence:x16}{Random:x16}");

    /// <summary>Whether a version is older than another.</summary>
    public static bool operator <(VersionId left, VersionId right) => left.CompareTo(right) < 0;

    /// <summary>Whether a version is newer than another.</summary>
    public static bool operator >(VersionId left, VersionId right) => left.CompareTo(right) > 0;

    /// <summary>Whether a version is older than another or the same.</summary>
    public static bool operator <=(VersionId left, VersionId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether a version is newer than another or the same.</summary>
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
