using Microsoft.AspNetCore.Http;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Access;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>DELETE /bucket/key; succeeds when the key does not exist. Source: Amazon S3 API Reference, DeleteObject.</summary>
internal sealed class DeleteObject(ObjectDeleter deleter) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        string? version = VersionParameter.Read(context.Query);
        DeleteCondition condition = WriteConditions.ReadDelete(context.Request.Headers).Over(context.ReplacesOnlyOf);
        DeleteOutcome outcome = await deleter.DeleteAsync(
            context.RequiredBucket, context.Key, version, UploadAccess.MarkerOwner(context), condition, context.CancellationToken);
        if (context.RequiredBucket.Versioning != VersioningState.Never)
        {
            context.Response.Headers[VersionParameter.Header] = outcome.VersionName;
            if (outcome.IsDeleteMarker)
            {
                context.Response.Headers[VersionParameter.DeleteMarkerHeader] = "true";
            }
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
