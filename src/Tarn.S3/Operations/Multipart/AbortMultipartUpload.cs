using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Objects;
using Tarn.S3.Pipeline;

namespace Tarn.S3.Operations.Multipart;

/// <summary>DELETE /bucket/key?uploadId. Source: Amazon S3 API Reference, AbortMultipartUpload.</summary>
internal sealed class AbortMultipartUpload(MultipartUploads uploads) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        MultipartUpload upload = await uploads.GetAsync(context.RequiredBucket, context.Key, context.Query["uploadId"], context.CancellationToken);
        if (!await uploads.AbortAsync(upload, context.CancellationToken))
        {
            throw new S3Exception(S3Error.NoSuchUpload) { Details = [new("UploadId", upload.Id.ToString())] };
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
