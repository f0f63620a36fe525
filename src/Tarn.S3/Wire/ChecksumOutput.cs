using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Hashing;

namespace Tarn.S3.Wire;

/// <summary>Checksums in answers.</summary>
internal static class ChecksumOutput
{
    public static string TypeName(ChecksumType type) => type == ChecksumType.Composite ? "COMPOSITE" : "FULL_OBJECT";

    /// <summary>The checksum of an object or of a part of it, as headers.</summary>
    /// <param name="headers">Where they go.</param>
    /// <param name="checksum">Null for none.</param>
    /// <param name="type">The object's type, when it is not that of the checksum.</param>
    public static void WriteHeaders(IHeaderDictionary headers, Checksum? checksum, ChecksumType? type = null)
    {
        if (checksum is not null)
        {
            headers[ChecksumAlgorithms.HeaderName(checksum.Algorithm)] = checksum.ToString();
            headers["x-amz-checksum-type"] = TypeName(type ?? checksum.Type);
        }
    }

    /// <summary>The checksum of a part, as elements: parts have no type.</summary>
    public static void WritePart(ref S3XmlWriter xml, Checksum? checksum)
    {
        if (checksum is not null)
        {
            xml.Element(Encoding.ASCII.GetBytes("Checksum" + ChecksumAlgorithms.Name(checksum.Algorithm)), checksum.ToString());
        }
    }

    /// <summary>The checksum of an object, as elements.</summary>
    /// <param name="xml">Where they go.</param>
    /// <param name="checksum">Null for none.</param>
    /// <param name="bare">Whether a composite value stands without its number of parts, as in GetObjectAttributes, which names that elsewhere.</param>
    public static void WriteObject(ref S3XmlWriter xml, Checksum? checksum, bool bare = false)
    {
        WritePart(ref xml, bare && checksum is not null ? checksum with { Parts = 0 } : checksum);
        if (checksum is not null)
        {
            xml.Element("ChecksumType"u8, TypeName(checksum.Type));
        }
    }
}
