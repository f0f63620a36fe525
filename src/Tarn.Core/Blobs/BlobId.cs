using Tarn.Core.Model;

namespace Tarn.Core.Blobs;

/// <summary>The id of a blob: 128 random bits, never used twice. Its text is 32 lower-case hexadecimal digits.</summary>
public readonly record struct BlobId(Id128 Value)
{
    /// <summary>The first byte, by which stores divide their blobs into 256 directories.</summary>
    public int Directory => (int)(Value.High >> 56);

    /// <summary>Creates a random id.</summary>
    public static BlobId Create(IRandomSource random) => new(Id128.Create(random));

    /// <summary>Reads the text of an id; false for any other text.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out BlobId id)
    {
        bool valid = Id128.TryParse(text, out Id128 value);
        id = new BlobId(value);
        return valid;
    }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString();
}
