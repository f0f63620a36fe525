using System.Text;
using Tarn.Core.Objects;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket, the first version of the listing. Source: Amazon S3 API Reference, ListObjects.</summary>
internal sealed class ListObjects(BucketLister lister) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        if (context.Query["list-type"] is { } type and not "1")
        {
            throw Arguments.Invalid("Invalid List Type specified in Request", "list-type", type);
        }

        ListRequest request = ListRequest.Read(context.Query);
        string marker = context.Query["marker"] ?? "";
        byte[]? after = marker.Length == 0 ? null : Encoding.UTF8.GetBytes(marker);

        IListedPage page = await lister.ListAsync(context, request, after);
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("ListBucketResult"u8);
            request.WriteEcho(ref xml, context, page.IsTruncated);
            EncodingType.Element(ref xml, "Marker"u8, marker, request.Url);

            // Without a delimiter clients continue from the last key of the page.
            if (page.IsTruncated && (request.Delimiter.Length > 0 || page.Objects.Count == 0) && page.Last is { } last)
            {
                EncodingType.Element(ref xml, "NextMarker"u8, last, request.Url);
            }

            request.WriteEntries(ref xml, context, page, withOwner: true);
            xml.End("ListBucketResult"u8);
        });
    }
}
