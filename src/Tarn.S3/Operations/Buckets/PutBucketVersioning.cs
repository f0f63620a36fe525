using System.Xml.Linq;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.S3.Pipeline;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>PUT /bucket?versioning. Source: Amazon S3 API Reference, PutBucketVersioning.</summary>
internal sealed class PutBucketVersioning(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        UnsupportedHeaders.Refuse(context.Request.Headers);
        XElement document = await VerifiedBody.ReadXmlAsync(context, "VersioningConfiguration", RequestXml.DefaultLimit, digestRequired: false);
        if (document.Element("MfaDelete")?.Value.Trim() is "Enabled")
        {
            throw new S3Exception(S3Error.NotImplemented, "MFA delete is not implemented.");
        }

        VersioningState state = document.Element("Status")?.Value.Trim() switch
        {
            "Enabled" => VersioningState.Enabled,
            "Suspended" => VersioningState.Suspended,
            null => throw new S3Exception(S3Error.IllegalVersioningConfiguration),
            _ => throw new S3Exception(S3Error.MalformedXml),
        };
        await buckets.SetVersioningAsync(context.RequiredBucket, state, context.CancellationToken);
        context.Response.ContentLength = 0;
    }
}
