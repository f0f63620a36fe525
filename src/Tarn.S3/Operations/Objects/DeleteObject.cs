using Microsoft.AspNetCore.Http;
using Tarn.Core.Objects;
using Tarn.S3.Pipeline;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>DELETE /bucket/key; a key that is not there is deleted already. Source: Amazon S3 API Reference, DeleteObject.</summary>
internal sealed class DeleteObject(ObjectDeleter deleter) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        UnsupportedHeaders.Refuse(context.Request.Headers);
        VersionParameter.RequireNull(context.Query["versionId"]);
        DeleteCondition condition = WriteConditions.ReadDelete(context.Request.Headers);
        await deleter.DeleteAsync(context.RequiredBucket, context.Key, condition, context.CancellationToken);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
