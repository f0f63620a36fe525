using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarn.Core.Disks;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Pipeline;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Auth;

/// <summary>
/// Keeps disks and object buckets apart, before anything is looked up: a key of a disk opens that disk and nothing else, and no other key
/// opens a disk. What does not concern disks goes on to the authorizer of object buckets.
/// </summary>
internal sealed partial class DiskGate(DiskCatalog disks, string region, IRequestAuthorizer buckets, ILogger<DiskGate> logger) : IRequestAuthorizer
{
    public async ValueTask AuthorizeAsync(S3Context context)
    {
        S3Operation operation = context.Operation ?? throw new InvalidOperationException("The request was not resolved.");
        if (DiskId.TryParse(context.Address.Bucket, out DiskId id))
        {
            DiskBucket bucket = await FindAsync(context, id);
            OperationNeeds.Demand(bucket, operation);
            context.FoundDisk = bucket;
            return;
        }

        if (context.Principal?.DiskScope is not null)
        {
            throw operation.Target == S3Target.Service
                ? new S3Exception(S3Error.MethodNotAllowed, "The key of a disk opens that one bucket; there are no others to list.")
                : new S3Exception(S3Error.AccessDenied);
        }

        if (NamesDiskAsSource(context.Request.Headers))
        {
            throw new S3Exception(S3Error.AccessDenied);
        }

        await buckets.AuthorizeAsync(context);
    }

    /// <summary>The disk, when it may be read by who asks, from where they ask. Whether one exists is told only to who has its key.</summary>
    private async ValueTask<DiskBucket> FindAsync(S3Context context, DiskId id)
    {
        if (context.Principal is not { } principal || !MayOpen(principal, id))
        {
            throw new S3Exception(S3Error.AccessDenied);
        }

        Disk disk = await disks.FindAsync(id, context.CancellationToken)
            ?? throw new S3Exception(S3Error.NoSuchBucket) { Details = [new("BucketName", id.Value)] };
        IPAddress? address = context.Http.Connection.RemoteIpAddress;
        if (!disk.AllowedAddresses.Admits(address))
        {
            LogAddress(logger, id.Value, address, context.RequestId);
            throw new S3Exception(S3Error.AccessDenied);
        }

        if (context.Request.Headers.TryGetValue("x-amz-expected-bucket-owner", out var expected) && expected != principal.OwnerId)
        {
            throw new S3Exception(S3Error.AccessDenied);
        }

        return new DiskBucket(disk, region, principal.OwnerId, principal.DisplayName);
    }

    private static bool MayOpen(Principal principal, DiskId id) => principal.DiskScope == id.Value;

    private static bool NamesDiskAsSource(IHeaderDictionary headers) =>
        headers.TryGetValue("x-amz-copy-source", out var source) && source.Count == 1 && source[0] is { } text
        && !text.StartsWith("arn:", StringComparison.Ordinal) && DiskId.HasShape(CopySource.Parse(text).Bucket);

    [LoggerMessage(2402, LogLevel.Information, "Disk {Disk} is not open to {Address}; request {RequestId}")]
    private static partial void LogAddress(ILogger logger, string disk, IPAddress? address, string requestId);
}
