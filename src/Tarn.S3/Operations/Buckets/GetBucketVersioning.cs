using Tarn.Core.Model;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?versioning; empty when it was never enabled. Source: Amazon S3 API Reference, GetBucketVersioning.</summary>
internal sealed class GetBucketVersioning : IOperation
{
    public Task ExecuteAsync(S3Context context) => ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
    {
        xml.StartRoot("VersioningConfiguration"u8);
        if (context.RequiredBucket.Versioning is var state and not VersioningState.Never)
        {
            xml.Element("Status"u8, state == VersioningState.Enabled ? "Enabled" : "Suspended");
        }

        xml.End("VersioningConfiguration"u8);
    });
}
