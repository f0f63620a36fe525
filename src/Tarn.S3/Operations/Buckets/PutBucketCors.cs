using Tarn.Core.Buckets;
using Tarn.Core.Cors;
using Tarn.Core.Model;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>PUT /bucket?cors: replaces all rules. Source: Amazon S3 API Reference, PutBucketCors.</summary>
internal sealed class PutBucketCors(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        DocumentElement document = await VerifiedBody.ReadXmlAsync(context, DocumentShapes.Cors, digestRequired: true);
        CorsConfiguration configuration = CorsXml.Read(document);
        await buckets.SetConfigurationAsync(context.RequiredBucket, BucketConfiguration.Cors, configuration.Encode(), context.CancellationToken);
        context.Response.ContentLength = 0;
    }
}
