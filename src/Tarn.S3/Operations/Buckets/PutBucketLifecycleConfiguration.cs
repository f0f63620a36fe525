using Tarn.Core.Buckets;
using Tarn.Core.Lifecycle;
using Tarn.Core;
using Tarn.Core.Model;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>PUT /bucket?lifecycle: replaces all rules. Source: Amazon S3 API Reference, PutBucketLifecycleConfiguration.</summary>
internal sealed class PutBucketLifecycleConfiguration(BucketCatalog buckets, IRandomSource random) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        TransitionMinimum minimum = TransitionMinimumHeader.Read(context.Request.Headers);
        DocumentElement document = await VerifiedBody.ReadXmlAsync(context, DocumentShapes.Lifecycle, digestRequired: true);
        LifecycleConfiguration configuration = LifecycleXml.Read(document, minimum, random);
        await buckets.SetConfigurationAsync(
            context.RequiredBucket, BucketConfiguration.Lifecycle, configuration.Encode(), context.CancellationToken);
        TransitionMinimumHeader.Write(context.Response.Headers, minimum);
        context.Response.ContentLength = 0;
    }
}
