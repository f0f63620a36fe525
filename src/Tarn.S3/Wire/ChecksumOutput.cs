using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Hashing;

namespace Tarn.S3.Wire;

/// <summary>Checksums in answers.</summary>
internal static class ChecksumOutput
{
    public static string TypeName(ChecksumType type) => type == ChecksumType.Composite ? "COMPOSITE" : "FULL_OBJECT";

    /// <summary>The checksum of an object, as headers.</summary>
    public static void WriteHeaders(IHeaderDictionary headers, Checksum? checksum)
    {
        if (checksum is not null)
        {
            headers[ChecksumAlgorithms.HeaderName(checksum.Algorithm)] = checksum.ToString();
            headers["x-amz-checksum-type"] = TypeName(checksum.Type);
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
    public static void WriteObject(ref S3XmlWriter xml, Checksum? checksum)
    {
        WritePart(ref xml, checksum);
        if (checksum is not null)
        {
            xml.Element("ChecksumType"u8, TypeName(checksum.Type));
        }
    }
}
