using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?location; empty for us-east-1. Source: Amazon S3 API Reference, GetBucketLocation.</summary>
internal sealed class GetBucketLocation(string region) : IOperation
{
    public Task ExecuteAsync(S3Context context) => ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
    {
        xml.StartRoot("LocationConstraint"u8);
        if (region != "us-east-1")
        {
            xml.Text(region);
        }

        xml.End("LocationConstraint"u8);
    });
}
