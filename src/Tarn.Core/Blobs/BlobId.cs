using Tarn.Core.Model;

namespace Tarn.Core.Blobs;

/// <summary>Names a blob: 128 random bits, never used twice. Its text is 32 lower-case hexadecimal digits.</summary>
public readonly record struct BlobId(Id128 Value)
{
    /// <summary>The first two bytes, by which stores divide their blobs.</summary>
    public int Directory => (int)(Value.High >> 48);

    public static BlobId Create(IRandomSource random) => new(Id128.Create(random));

    public static bool TryParse(ReadOnlySpan<char> text, out BlobId id)
    {
        bool valid = Id128.TryParse(text, out Id128 value);
        id = new BlobId(value);
        return valid;
    }

    public override string ToString() => Value.ToString();
}
