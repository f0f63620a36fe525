using System.Buffers.Binary;
using System.Globalization;

namespace Tarn.Core.Model;

/// <summary>A 128-bit id, by which uploads, manifests, rows of inline data and buckets are told apart. Its text is 32 lower-case hexadecimal digits.</summary>
public readonly record struct Id128(ulong High, ulong Low)
{
    /// <summary>Bytes in the binary form.</summary>
    public const int Size = 16;

    /// <summary>128 random bits.</summary>
    public static Id128 Create(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[Size];
        random.Fill(bytes);
        return Read(bytes);
    }

    public static Id128 Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    public static bool TryParse(ReadOnlySpan<char> text, out Id128 id)
    {
        id = default;
        if (text.Length != 32
            || !ulong.TryParse(text[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong high)
            || !ulong.TryParse(text[16..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong low))
        {
            return false;
        }

        id = new Id128(high, low);
        return true;
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}");
}
