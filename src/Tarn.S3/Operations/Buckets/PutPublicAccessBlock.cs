using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Documents;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>PUT /bucket?publicAccessBlock: what the body leaves out is off. Source: Amazon S3 API Reference, PutPublicAccessBlock.</summary>
internal sealed class PutPublicAccessBlock(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        DocumentElement document = await VerifiedBody.ReadXmlAsync(context, DocumentShapes.PublicAccessBlock, digestRequired: false);
        var block = new PublicAccessBlock(
            Read(document, "BlockPublicAcls"), Read(document, "IgnorePublicAcls"), Read(document, "BlockPublicPolicy"),
            Read(document, "RestrictPublicBuckets"));
        await buckets.SetConfigurationAsync(context.RequiredBucket, BucketConfiguration.PublicAccessBlock, block.Encode(), context.CancellationToken);
        context.Response.ContentLength = 0;
    }

    private static bool Read(DocumentElement document, string name) => document.TextOf(name)?.Trim().ToLowerInvariant() switch
    {
        null or "false" or "0" => false,
        "true" or "1" => true,
        _ => throw new S3Exception(S3Error.MalformedXml),
    };
}
