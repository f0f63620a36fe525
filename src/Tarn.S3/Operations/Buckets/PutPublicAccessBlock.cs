using System.Xml.Linq;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.S3.Pipeline;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>PUT /bucket?publicAccessBlock: what the body leaves out is off. Source: Amazon S3 API Reference, PutPublicAccessBlock.</summary>
internal sealed class PutPublicAccessBlock(BucketCatalog buckets) : IOperation
{
    private static readonly string[] Names = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];

    public async Task ExecuteAsync(S3Context context)
    {
        XElement document = await VerifiedBody.ReadXmlAsync(
            context, "PublicAccessBlockConfiguration", RequestXml.DefaultLimit, digestRequired: false);
        XElement[] elements = [.. document.Elements()];
        if (elements.Any(static element => !Names.Contains(element.Name.LocalName))
            || elements.DistinctBy(static element => element.Name.LocalName).Count() != elements.Length)
        {
            throw new S3Exception(S3Error.MalformedXml);
        }

        var block = new PublicAccessBlock(Read(document, Names[0]), Read(document, Names[1]), Read(document, Names[2]), Read(document, Names[3]));
        await buckets.SetConfigurationAsync(context.RequiredBucket, BucketConfiguration.PublicAccessBlock, block.Encode(), context.CancellationToken);
        context.Response.ContentLength = 0;
    }

    private static bool Read(XElement document, string name) => document.Element(name)?.Value.Trim().ToLowerInvariant() switch
    {
        null or "false" or "0" => false,
        "true" or "1" => true,
        _ => throw new S3Exception(S3Error.MalformedXml),
    };
}
