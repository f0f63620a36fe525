using Tarn.Core.Hashing;
using Tarn.Core.Objects.Multipart;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Multipart;

/// <summary>GET /bucket/key?uploadId. Source: Amazon S3 API Reference, ListParts.</summary>
internal sealed class ListParts(MultipartUploads uploads, LifecycleHeaders lifecycle) : IOperation
{
    private const int MaxPartsLimit = 1000;

    public async Task ExecuteAsync(S3Context context)
    {
        int limit = Arguments.Limit(context.Query, "max-parts", MaxPartsLimit);
        string markerText = context.Query["part-number-marker"] ?? "";
        int marker = markerText.Length == 0 ? 0 : Arguments.Limit(markerText, "part-number-marker", MultipartUpload.MaxPartNumber);
        bool url = EncodingType.IsUrl(context.Query["encoding-type"]);
        MultipartUpload upload = await uploads.GetAsync(context.RequiredBucket, context.Key, context.Query["uploadId"], context.CancellationToken);
        IReadOnlyList<UploadedPart> found = limit == 0
            ? []
            : await uploads.ListPartsAsync(upload, marker, limit + 1, context.CancellationToken);
        bool truncated = found.Count > limit;
        await lifecycle.WriteAbortAsync(context, context.Key, upload.Initiated);
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("ListPartsResult"u8);
            xml.Element("Bucket"u8, context.RequiredBucket.Name.Value);
            EncodingType.Element(ref xml, "Key"u8, context.Key.Utf8, url);
            xml.Element("UploadId"u8, upload.Id.ToString());
            UploadOwner.Write(ref xml, upload);
            xml.Element("StorageClass"u8, upload.StorageClass);
            xml.Element("PartNumberMarker"u8, marker);
            xml.Element("NextPartNumberMarker"u8, found.Count == 0 ? 0 : found[truncated ? limit - 1 : found.Count - 1].Number);
            xml.Element("MaxParts"u8, limit);
            xml.Element("IsTruncated"u8, truncated);
            if (upload.Algorithm is { } algorithm)
            {
                xml.Element("ChecksumAlgorithm"u8, ChecksumAlgorithms.Name(algorithm));
                xml.Element("ChecksumType"u8, ChecksumOutput.TypeName(upload.ChecksumType));
            }

            foreach (UploadedPart part in found.Take(limit))
            {
                xml.Start("Part"u8);
                xml.Element("PartNumber"u8, part.Number);
                xml.Element("LastModified"u8, part.LastModified);
                xml.ETag(part.ETag.ToString());
                xml.Element("Size"u8, part.Size);
                if (upload.Algorithm is not null)
                {
                    ChecksumOutput.WritePart(ref xml, part.Checksum);
                }

                xml.End("Part"u8);
            }

            xml.End("ListPartsResult"u8);
        });
    }
}
