using Tarn.Core.Errors;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Operations.Objects;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Multipart;

/// <summary>PUT /bucket/key?partNumber&amp;uploadId with x-amz-copy-source. Source: Amazon S3 API Reference, UploadPartCopy.</summary>
internal sealed class UploadPartCopy(MultipartUploads uploads, CopySourceReader sources, PartWriter parts) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        int number = Arguments.PartNumber(context.Query["partNumber"]);
        MultipartUpload upload = await uploads.GetAsync(context.RequiredBucket, context.Key, context.Query["uploadId"], context.CancellationToken);
        AccessTarget source = await sources.ReadAsync(context);
        string range = context.Request.Headers["x-amz-copy-source-range"].ToString();
        StoredObject? copied = null;
        UploadedPart part = await parts.CopyAsync(
            upload,
            number,
            async () => copied = await sources.FindAsync(context, source, copiesTags: false),
            size => Choose(range, size),
            context.CancellationToken);
        CopySourceReader.WriteVersion(context, source.Bucket, copied);
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("CopyPartResult"u8);
            xml.ETag(part.ETag.ToString());
            xml.Element("LastModified"u8, part.LastModified);
            if (upload.Algorithm is not null)
            {
                ChecksumOutput.WritePart(ref xml, part.Checksum);
            }

            xml.End("CopyPartResult"u8);
        });
    }

    private static (long Offset, long Length) Choose(string range, long size)
    {
        HttpRange chosen = range.Length == 0 ? new HttpRange(RangeKind.Whole, 0, size) : HttpRange.ParseCopySource(range, size);
        return chosen.Length <= IngestRequest.MaxUploadLength
            ? (chosen.Offset, chosen.Length)
            : throw new S3Exception(S3Error.InvalidRequest, $"The specified copy source is larger than the maximum allowable size for a copy source: {IngestRequest.MaxUploadLength}");
    }
}
