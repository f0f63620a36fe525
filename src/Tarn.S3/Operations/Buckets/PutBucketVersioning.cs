using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Documents;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>PUT /bucket?versioning. Source: Amazon S3 API Reference, PutBucketVersioning.</summary>
internal sealed class PutBucketVersioning(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        DocumentElement document = await VerifiedBody.ReadXmlAsync(context, DocumentShapes.Versioning, digestRequired: false);
        switch (document.TextOf("MfaDelete")?.Trim())
        {
            case null or "Disabled": break;
            case "Enabled": throw new S3Exception(S3Error.NotImplemented, "MFA delete is not implemented.");
            default: throw new S3Exception(S3Error.MalformedXml);
        }

        VersioningState state = document.TextOf("Status")?.Trim() switch
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
