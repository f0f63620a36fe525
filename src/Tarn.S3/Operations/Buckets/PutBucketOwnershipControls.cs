using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.S3.Documents;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>PUT /bucket?ownershipControls. Source: Amazon S3 API Reference, PutBucketOwnershipControls.</summary>
internal sealed class PutBucketOwnershipControls(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        DocumentElement document = await VerifiedBody.ReadXmlAsync(context, DocumentShapes.OwnershipControls, digestRequired: false);
        if (OwnershipNames.Parse(document.Find("Rule")?.TextOf("ObjectOwnership")?.Trim()) is not { } ownership)
        {
            throw new S3Exception(S3Error.MalformedXml);
        }

        // Without lists nobody but the owner has anything; who was granted something must not lose it silently.
        if (ownership == ObjectOwnership.BucketOwnerEnforced && context.FoundAccess.Acl is not null)
        {
            throw new S3Exception(S3Error.InvalidBucketAclWithObjectOwnership);
        }

        await buckets.SetConfigurationAsync(
            context.RequiredBucket, BucketConfiguration.OwnershipControls, new OwnershipControls(ownership).Encode(), context.CancellationToken);
        context.Response.ContentLength = 0;
    }
}
