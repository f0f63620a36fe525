using System.Text;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects.Multipart;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?uploads: the uploads in progress, of which a disk has none. Source: Amazon S3 API Reference, ListMultipartUploads.</summary>
internal sealed class ListMultipartUploads(MultipartUploads uploads) : IOperation
{
    private const int MaxUploadsLimit = 1000;

    public async Task ExecuteAsync(S3Context context)
    {
        string prefix = context.Query["prefix"] ?? "";
        string delimiter = context.Query["delimiter"] ?? "";
        string keyMarker = context.Query["key-marker"] ?? "";
        string idMarker = context.Query["upload-id-marker"] ?? "";
        int limit = Arguments.Limit(context.Query, "max-uploads", MaxUploadsLimit);
        bool url = EncodingType.IsUrl(context.Query["encoding-type"]);
        UploadId? after = null;
        if (keyMarker.Length > 0 && idMarker.Length > 0)
        {
            after = UploadId.TryParse(idMarker, out UploadId id) ? id : throw Arguments.Invalid("Invalid uploadId marker", "upload-id-marker", idMarker);
        }

        UploadPage page = limit == 0 || context.FoundDisk is not null
            ? new UploadPage()
            : await uploads.ListAsync(
                context.RequiredBucket,
                new UploadQuery
                {
                    Prefix = Encoding.UTF8.GetBytes(prefix),
                    Delimiter = Encoding.UTF8.GetBytes(delimiter),
                    KeyMarker = keyMarker.Length == 0 ? null : Encoding.UTF8.GetBytes(keyMarker),
                    UploadIdMarker = after,
                    MaxUploads = limit,
                },
                context.CancellationToken);
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("ListMultipartUploadsResult"u8);
            xml.Element("Bucket"u8, context.AnyBucket.Name);
            EncodingType.Element(ref xml, "KeyMarker"u8, keyMarker, url);
            xml.Element("UploadIdMarker"u8, idMarker);
            if (page.IsTruncated)
            {
                EncodingType.Element(ref xml, "NextKeyMarker"u8, page.LastKey ?? [], url);
                xml.Element("NextUploadIdMarker"u8, page.LastUpload?.ToString() ?? "");
            }

            if (prefix.Length > 0)
            {
                EncodingType.Element(ref xml, "Prefix"u8, prefix, url);
            }

            if (delimiter.Length > 0)
            {
                EncodingType.Element(ref xml, "Delimiter"u8, delimiter, url);
            }

            xml.Element("MaxUploads"u8, limit);
            if (url)
            {
                xml.Element("EncodingType"u8, "url");
            }

            xml.Element("IsTruncated"u8, page.IsTruncated);
            foreach (MultipartUpload upload in page.Uploads)
            {
                Write(ref xml, upload, url);
            }

            foreach (byte[] common in page.CommonPrefixes)
            {
                xml.Start("CommonPrefixes"u8);
                EncodingType.Element(ref xml, "Prefix"u8, common, url);
                xml.End("CommonPrefixes"u8);
            }

            xml.End("ListMultipartUploadsResult"u8);
        });
    }

    private static void Write(ref S3XmlWriter xml, MultipartUpload upload, bool url)
    {
        xml.Start("Upload"u8);
        EncodingType.Element(ref xml, "Key"u8, upload.Key.Utf8, url);
        xml.Element("UploadId"u8, upload.Id.ToString());
        UploadOwner.Write(ref xml, upload);
        xml.Element("StorageClass"u8, upload.StorageClass);
        xml.Element("Initiated"u8, upload.Initiated);
        if (upload.Algorithm is { } algorithm)
        {
            xml.Element("ChecksumAlgorithm"u8, ChecksumAlgorithms.Name(algorithm));
            xml.Element("ChecksumType"u8, ChecksumOutput.TypeName(upload.ChecksumType));
        }

        xml.End("Upload"u8);
    }
}
