using System.Text;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>The common part of the two listings of objects: their parameters and the writing of entries.</summary>
internal sealed record ListRequest(string Prefix, string Delimiter, int MaxKeys, bool Url)
{
    private const int MaxKeysLimit = 1000;

    /// <exception cref="Core.Errors.S3Exception">InvalidArgument.</exception>
    public static ListRequest Read(RequestQuery query) => new(
        query["prefix"] ?? "",
        query["delimiter"] ?? "",
        Arguments.Limit(query, "max-keys", MaxKeysLimit),
        EncodingType.IsUrl(query["encoding-type"]));

    /// <summary>The query for the page after a key.</summary>
    public ListQuery After(byte[]? key) => new()
    {
        Prefix = Encoding.UTF8.GetBytes(Prefix),
        Delimiter = Encoding.UTF8.GetBytes(Delimiter),
        MaxKeys = MaxKeys,
        After = key,
    };

    /// <summary>Writes the parameters that both documents echo, and then the page's entries.</summary>
    public void WriteEntries(ref S3XmlWriter xml, S3Context context, IListedPage page, bool withOwner)
    {
        foreach (IListedObject entry in page.Objects)
        {
            xml.Start("Contents"u8);
            EncodingType.Element(ref xml, "Key"u8, entry.Key.Utf8, Url);
            xml.Element("LastModified"u8, entry.LastModified);
            WriteBody(ref xml, entry);
            if (withOwner)
            {
                WriteOwner(ref xml, context, entry.OwnerId);
            }

            xml.Element("StorageClass"u8, entry.StorageClass);
            xml.End("Contents"u8);
        }

        WriteCommonPrefixes(ref xml, page.CommonPrefixes);
    }

    /// <summary>Writes the elements of an entry that describe the object's bytes.</summary>
    public static void WriteBody(ref S3XmlWriter xml, IListedObject entry)
    {
        xml.ETag(entry.ETag.ToString());
        if (entry.Checksum is { } checksum)
        {
            xml.Element("ChecksumAlgorithm"u8, Core.Hashing.ChecksumAlgorithms.Name(checksum.Algorithm));
            xml.Element("ChecksumType"u8, ChecksumOutput.TypeName(checksum.Type));
        }

        xml.Element("Size"u8, entry.Size);
    }

    public void WriteCommonPrefixes(ref S3XmlWriter xml, IReadOnlyList<byte[]> prefixes)
    {
        foreach (byte[] prefix in prefixes)
        {
            xml.Start("CommonPrefixes"u8);
            EncodingType.Element(ref xml, "Prefix"u8, prefix, Url);
            xml.End("CommonPrefixes"u8);
        }
    }

    /// <summary>Writes the parameters that both documents echo.</summary>
    public void WriteEcho(ref S3XmlWriter xml, S3Context context, bool truncated)
    {
        xml.Element("Name"u8, context.AnyBucket.Name);
        EncodingType.Element(ref xml, "Prefix"u8, Prefix, Url);
        xml.Element("MaxKeys"u8, MaxKeys);
        if (Delimiter.Length > 0)
        {
            EncodingType.Element(ref xml, "Delimiter"u8, Delimiter, Url);
        }

        if (Url)
        {
            xml.Element("EncodingType"u8, "url");
        }

        xml.Element("IsTruncated"u8, truncated);
    }

    public static void WriteOwner(ref S3XmlWriter xml, S3Context context, string ownerId)
    {
        // With BucketOwnerEnforced the bucket's owner owns every object, whoever wrote it.
        ownerId = context.FoundDisk is null && context.FoundAccess.TakesAcls ? ownerId : context.AnyBucket.OwnerId;
        xml.Start("Owner"u8);
        xml.Element("ID"u8, ownerId);
        if (ownerId == context.AnyBucket.OwnerId)
        {
            xml.Element("DisplayName"u8, context.AnyBucket.OwnerName);
        }

        xml.End("Owner"u8);
    }
}
