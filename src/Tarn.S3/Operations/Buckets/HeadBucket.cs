using Tarn.Core.Disks.Reading;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>HEAD /bucket: whether it exists and may be used. Source: Amazon S3 API Reference, HeadBucket.</summary>
internal sealed class HeadBucket(DiskReader disks) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        if (context.FoundDisk is { } bucket)
        {
            await disks.ThrowIfAbsentAsync(bucket.Disk, context.CancellationToken);
        }

        context.Response.Headers["x-amz-access-point-alias"] = "false";
        context.Response.ContentType = "application/xml";
    }
}
