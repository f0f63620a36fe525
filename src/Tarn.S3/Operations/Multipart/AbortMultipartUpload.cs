using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Multipart;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Multipart;

/// <summary>
/// DELETE /bucket/key?uploadId. Repeated, it succeeds for a day, as at AWS: clients whose first answer was lost repeat it.
/// Source: Amazon S3 API Reference, AbortMultipartUpload.
/// </summary>
internal sealed class AbortMultipartUpload(MultipartUploads uploads) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        string? id = context.Query["uploadId"];
        try
        {
            MultipartUpload upload = await uploads.GetAsync(context.RequiredBucket, context.Key, id, context.CancellationToken);
            if (!await uploads.AbortAsync(upload, context.CancellationToken))
            {
                throw upload.Ended();
            }
        }
        catch (S3Exception e) when (e.Error == S3Error.NoSuchUpload)
        {
            if (!await uploads.WasAbortedAsync(context.RequiredBucket, context.Key, id, context.CancellationToken))
            {
                throw;
            }
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
