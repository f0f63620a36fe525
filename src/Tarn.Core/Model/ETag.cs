using System.Globalization;

namespace Tarn.Core.Model;

/// <summary>
/// An entity tag: the MD5 of the bytes, or, with a part count, the MD5 of the parts' MD5s. Its text is 32 hexadecimal
/// digits, then "-N" for N parts; quotes belong to headers and XML, not to it.
/// Source: Amazon S3 User Guide, "Checking object integrity", "Using part-level checksums".
/// </summary>
public readonly record struct ETag(ulong High, ulong Low, int Parts)
{
    /// <summary>Creates an entity tag from 16 bytes of MD5 and, for a multipart object, the number of parts.</summary>
    public static ETag FromMd5(ReadOnlySpan<byte> md5, int parts = 0)
    {
        Id128 halves = Id128.Read(md5);
        return new ETag(halves.High, halves.Low, parts);
    }

    /// <summary>Reads an entity tag without a part count, with or without quotes.</summary>
    public static bool TryParseMd5(ReadOnlySpan<char> text, out ETag etag)
    {
        bool valid = Id128.TryParse(text.Trim().Trim('"').ToString().ToLowerInvariant(), out Id128 halves);
        etag = new ETag(halves.High, halves.Low, 0);
        return valid;
    }

    /// <summary>Returns the MD5, 16 bytes.</summary>
    public byte[] ToMd5()
    {
        byte[] bytes = new byte[16];
        new Id128(High, Low).Write(bytes);
        return bytes;
    }

    /// <summary>Whether a client's entity tag, with or without quotes, is this one.</summary>
    public bool Matches(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.StartsWith("W/"))
        {
            return false;
        }

        return text.Trim('"').Equals(ToString(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The text without quotes.</summary>
    public override string ToString() => Parts == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}")
        : string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}-{Parts}");
}
