using Microsoft.AspNetCore.Http;
using Tarn.Core.Hashing;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Multipart;

/// <summary>PUT /bucket/key?partNumber&amp;uploadId. Source: Amazon S3 API Reference, UploadPart.</summary>
internal sealed class UploadPart(MultipartUploads uploads, PartWriter parts) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        int number = Arguments.PartNumber(context.Query["partNumber"]);
        IngestRequest ingest = Ingestion.Read(context.Request.Headers);
        MultipartUpload upload = await uploads.GetAsync(context.RequiredBucket, context.Key, context.Query["uploadId"], context.CancellationToken);
        UploadedPart part = await parts.PutAsync(upload, number, context.Body, ingest, context.CancellationToken);

        HttpResponse response = context.Response;
        response.Headers.ETag = $"\"{part.ETag}\"";
        if (part.Checksum is { } checksum && (upload.Algorithm ?? ingest.Algorithm) is not null)
        {
            response.Headers[ChecksumAlgorithms.HeaderName(checksum.Algorithm)] = checksum.ToString();
        }

        response.ContentLength = 0;
    }
}
