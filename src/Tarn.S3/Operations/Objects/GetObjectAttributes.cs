using System.Globalization;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Operations.Disks;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>GET /bucket/key?attributes. Source: Amazon S3 API Reference, GetObjectAttributes.</summary>
internal sealed class GetObjectAttributes(ObjectReader reader, DiskObject files) : IOperation
{
    private const int MaxPartsLimit = 1000;
    private static readonly string[] Known = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

    public async Task ExecuteAsync(S3Context context)
    {
        HashSet<string> wanted = ReadWanted(context);
        int maxParts = Arguments.Limit(context.Request.Headers["x-amz-max-parts"], "x-amz-max-parts", MaxPartsLimit);
        int after = Arguments.Limit(context.Request.Headers["x-amz-part-number-marker"] is { Count: > 0 } marker ? marker.ToString() : "0", "x-amz-part-number-marker", int.MaxValue);
        if (context.FoundDisk is { } disk)
        {
            await WriteAsync(context, wanted, await files.LookAsync(context, disk));
            return;
        }

        StoredObject found = await ObjectLookup.FindAsync(context, reader);
        await reader.ThrowIfDamagedAsync(found, context.CancellationToken);
        IReadOnlyList<ObjectPart> parts = wanted.Contains("ObjectParts") && found.HasParts
            ? await reader.ListPartsAsync(found, after, maxParts, context.CancellationToken)
            : [];

        VersionParameter.Write(context.Response, context.RequiredBucket, found);
        ModifiedTime.Write(context.Response.Headers, found.LastModified, context.Request.Now);
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("GetObjectAttributesResponse"u8);
            if (wanted.Contains("ETag"))
            {
                xml.Element("ETag"u8, found.ETag.ToString());
            }

            if (wanted.Contains("Checksum") && found.Checksum is not null)
            {
                xml.Start("Checksum"u8);
                ChecksumOutput.WriteObject(ref xml, found.Checksum, bare: true);
                xml.End("Checksum"u8);
            }

            if (wanted.Contains("ObjectParts") && found.HasParts)
            {
                WriteParts(ref xml, found, parts, after, maxParts);
            }

            if (wanted.Contains("StorageClass"))
            {
                xml.Element("StorageClass"u8, found.Metadata.StorageClass);
            }

            if (wanted.Contains("ObjectSize"))
            {
                xml.Element("ObjectSize"u8, found.Size);
            }

            xml.End("GetObjectAttributesResponse"u8);
        });
    }

    /// <summary>The attributes of a disk's file, which has neither checksums nor parts.</summary>
    private static Task WriteAsync(S3Context context, HashSet<string> wanted, FileFacts file)
    {
        ModifiedTime.Write(context.Response.Headers, file.LastModified, context.Request.Now);
        return ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("GetObjectAttributesResponse"u8);
            xml.Optional("ETag"u8, wanted.Contains("ETag") ? file.ETag.ToString() : null);
            xml.Optional("StorageClass"u8, wanted.Contains("StorageClass") ? StorageClasses.Standard : null);
            if (wanted.Contains("ObjectSize"))
            {
                xml.Element("ObjectSize"u8, file.Length);
            }

            xml.End("GetObjectAttributesResponse"u8);
        });
    }

    private static HashSet<string> ReadWanted(S3Context context)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (string? header in context.Request.Headers["x-amz-object-attributes"])
        {
            foreach (string name in (header ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                wanted.Add(Known.Contains(name) ? name : throw Arguments.Invalid("Invalid attribute name specified.", "x-amz-object-attributes", name));
            }
        }

        return wanted.Count > 0
            ? wanted
            : throw new S3Exception(S3Error.InvalidRequest, "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty");
    }

    private static void WriteParts(ref S3XmlWriter xml, StoredObject found, IReadOnlyList<ObjectPart> parts, int after, int maxParts)
    {
        int last = parts.Count > 0 ? parts[^1].Place : after;
        xml.Start("ObjectParts"u8);
        xml.Element("PartsCount"u8, found.PartCount.ToString(CultureInfo.InvariantCulture));
        xml.Element("PartNumberMarker"u8, after);
        xml.Element("NextPartNumberMarker"u8, last);
        xml.Element("MaxParts"u8, maxParts);
        // A request for no parts must not get a marker to continue from.
        xml.Element("IsTruncated"u8, maxParts > 0 && last < found.PartCount);
        foreach (ObjectPart part in parts)
        {
            xml.Start("Part"u8);
            xml.Element("PartNumber"u8, part.Place);
            xml.Element("Size"u8, part.Size);
            ChecksumOutput.WritePart(ref xml, part.Checksum);
            xml.End("Part"u8);
        }

        xml.End("ObjectParts"u8);
    }
}
