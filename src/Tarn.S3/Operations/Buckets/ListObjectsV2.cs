using System.Text;
using Tarn.Core.Objects;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?list-type=2. Source: Amazon S3 API Reference, ListObjectsV2.</summary>
internal sealed class ListObjectsV2(BucketLister lister) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        ListRequest request = ListRequest.Read(context.Query);
        string? token = context.Query["continuation-token"];
        string? startAfter = context.Query["start-after"];
        bool withOwner = string.Equals(context.Query["fetch-owner"], "true", StringComparison.OrdinalIgnoreCase);
        byte[]? after = ContinuationToken.Read(token) ?? (string.IsNullOrEmpty(startAfter) ? null : Encoding.UTF8.GetBytes(startAfter));

        IListedPage page = await lister.ListAsync(context, request, after);
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("ListBucketResult"u8);
            request.WriteEcho(ref xml, context, page.IsTruncated);
            xml.Element("KeyCount"u8, page.Objects.Count + page.CommonPrefixes.Count);
            xml.Optional("ContinuationToken"u8, token);
            if (page.IsTruncated && page.Last is { } last)
            {
                xml.Element("NextContinuationToken"u8, ContinuationToken.Write(last));
            }

            if (!string.IsNullOrEmpty(startAfter))
            {
                EncodingType.Element(ref xml, "StartAfter"u8, startAfter, request.Url);
            }

            request.WriteEntries(ref xml, context, page, withOwner);
            xml.End("ListBucketResult"u8);
        });
    }
}
