using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Hashing;

namespace Tarn.S3.Wire;

/// <summary>Writes checksums into answers.</summary>
internal static class ChecksumOutput
{
    public static string TypeName(ChecksumType type) => type == ChecksumType.Composite ? "COMPOSITE" : "FULL_OBJECT";

    /// <summary>Writes the checksum of an object or part as headers.</summary>
    /// <param name="headers">The answer's headers.</param>
    /// <param name="checksum">The checksum; null for none.</param>
    /// <param name="type">The object's checksum type, if it differs from the checksum's own.</param>
    public static void WriteHeaders(IHeaderDictionary headers, Checksum? checksum, ChecksumType? type = null)
    {
        if (checksum is not null)
        {
            headers[ChecksumAlgorithms.HeaderName(checksum.Algorithm)] = checksum.ToString();
            headers["x-amz-checksum-type"] = TypeName(type ?? checksum.Type);
        }
    }

    /// <summary>Writes the checksum of a part, which has no type, as elements.</summary>
    public static void WritePart(ref S3XmlWriter xml, Checksum? checksum)
    {
        if (checksum is not null)
        {
            xml.Element(Encoding.ASCII.GetBytes("Checksum" + ChecksumAlgorithms.Name(checksum.Algorithm)), checksum.ToString());
        }
    }

    /// <summary>Writes the checksum of an object as elements.</summary>
    /// <param name="xml">The answer's document.</param>
    /// <param name="checksum">The checksum; null for none.</param>
    /// <param name="bare">Whether to omit the number of parts from a composite value, as in GetObjectAttributes, which has it in another element.</param>
    public static void WriteObject(ref S3XmlWriter xml, Checksum? checksum, bool bare = false)
    {
        WritePart(ref xml, bare && checksum is not null ? checksum with { Parts = 0 } : checksum);
        if (checksum is not null)
        {
            xml.Element("ChecksumType"u8, TypeName(checksum.Type));
        }
    }
}
