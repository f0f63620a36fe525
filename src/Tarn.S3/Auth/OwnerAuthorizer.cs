using Microsoft.AspNetCore.Http;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Pipeline;
using Tarn.S3.Routing;

namespace Tarn.S3.Auth;

/// <summary>Lets the owner of a bucket do everything in it, and nobody else anything. Loads the bucket, once for the request.</summary>
internal sealed class OwnerAuthorizer(BucketCatalog buckets) : IRequestAuthorizer
{
    public async ValueTask AuthorizeAsync(S3Context context)
    {
        S3Operation operation = context.Operation ?? throw new InvalidOperationException("The request was not resolved.");
        if (operation.Target == S3Target.Service || operation.Name == "CreateBucket")
        {
            _ = context.RequiredPrincipal;
            return;
        }

        bool writes = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && operation.Name != "DeleteBucket";
        context.FoundBucket = await FindAsync(context, context.BucketName, writes, "x-amz-expected-bucket-owner");
    }

    /// <summary>Finds the bucket of a copy's source, which the requester must be allowed to read.</summary>
    public ValueTask<Bucket> FindSourceAsync(S3Context context, string bucket) =>
        FindAsync(context, bucket, writes: false, "x-amz-source-expected-bucket-owner");

    private async ValueTask<Bucket> FindAsync(S3Context context, string name, bool writes, string expectedOwnerHeader)
    {
        if (!BucketName.TryParse(name, out BucketName parsed))
        {
            throw new S3Exception(S3Error.InvalidBucketName) { Details = [new("BucketName", name)] };
        }

        Bucket bucket = writes
            ? await buckets.GetForWriteAsync(parsed, context.CancellationToken)
            : await buckets.GetAsync(parsed, context.CancellationToken);
        if (context.Principal?.OwnerId != bucket.OwnerId)
        {
            throw new S3Exception(S3Error.AccessDenied);
        }

        if (context.Request.Headers.TryGetValue(expectedOwnerHeader, out var expected) && expected != bucket.OwnerId)
        {
            throw new S3Exception(S3Error.AccessDenied);
        }

        return bucket;
    }
}
