using System.Text;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.S3.Operations.Buckets;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Disks;

/// <summary>GET ?versions of a disk: each file is the only version of its key, as in a bucket whose versioning was never enabled.</summary>
internal sealed class ListDiskVersions(BucketLister lister) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        ListRequest request = ListRequest.Read(context.Query);
        string keyMarker = context.Query["key-marker"] ?? "";
        string versionMarker = ListObjectVersions.ReadVersionMarker(context.Query, keyMarker);
        IListedPage page = await lister.ListAsync(context, request, keyMarker.Length == 0 ? null : Encoding.UTF8.GetBytes(keyMarker));
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("ListVersionsResult"u8);
            request.WriteEcho(ref xml, context, page.IsTruncated);
            EncodingType.Element(ref xml, "KeyMarker"u8, keyMarker, request.Url);
            xml.Element("VersionIdMarker"u8, versionMarker);
            if (page.IsTruncated && page.Last is { } last)
            {
                EncodingType.Element(ref xml, "NextKeyMarker"u8, last, request.Url);
                if (page.Objects.Count > 0 && page.Objects[^1].Key.Utf8.AsSpan().SequenceEqual(last))
                {
                    xml.Element("NextVersionIdMarker"u8, VersionId.Null);
                }
            }

            foreach (IListedObject file in page.Objects)
            {
                xml.Start("Version"u8);
                EncodingType.Element(ref xml, "Key"u8, file.Key.Utf8, request.Url);
                xml.Element("VersionId"u8, VersionId.Null);
                xml.Element("IsLatest"u8, true);
                xml.Element("LastModified"u8, file.LastModified);
                ListRequest.WriteBody(ref xml, file);
                xml.Element("StorageClass"u8, file.StorageClass);
                ListRequest.WriteOwner(ref xml, context, file.OwnerId);
                xml.End("Version"u8);
            }

            request.WriteCommonPrefixes(ref xml, page.CommonPrefixes);
            xml.End("ListVersionsResult"u8);
        });
    }
}
