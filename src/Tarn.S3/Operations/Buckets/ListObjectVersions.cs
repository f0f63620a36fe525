using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?versions. Source: Amazon S3 API Reference, ListObjectVersions.</summary>
internal sealed class ListObjectVersions(VersionLister lister) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        ListRequest request = ListRequest.Read(context.Query);
        string keyMarker = context.Query["key-marker"] ?? "";
        string versionMarker = ReadVersionMarker(context.Query, keyMarker);

        VersionPage page = await lister.ListAsync(
            context.RequiredBucket,
            new VersionQuery
            {
                Prefix = Encoding.UTF8.GetBytes(request.Prefix),
                Delimiter = Encoding.UTF8.GetBytes(request.Delimiter),
                MaxKeys = request.MaxKeys,
                KeyMarker = keyMarker.Length == 0 ? null : Encoding.UTF8.GetBytes(keyMarker),
                VersionMarker = versionMarker.Length == 0 ? null : versionMarker,
            },
            context.CancellationToken);
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("ListVersionsResult"u8);
            request.WriteEcho(ref xml, context, page.IsTruncated);
            EncodingType.Element(ref xml, "KeyMarker"u8, keyMarker, request.Url);
            xml.Element("VersionIdMarker"u8, versionMarker);
            if (page.IsTruncated)
            {
                EncodingType.Element(ref xml, "NextKeyMarker"u8, page.LastKey ?? [], request.Url);
                xml.Optional("NextVersionIdMarker"u8, page.LastVersion);
            }

            foreach (ListedVersion entry in page.Versions)
            {
                Write(ref xml, context, request, entry);
            }

            request.WriteCommonPrefixes(ref xml, page.CommonPrefixes);
            xml.End("ListVersionsResult"u8);
        });
    }

    /// <summary>The version id after which the page begins; empty for none.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static string ReadVersionMarker(RequestQuery query, string keyMarker)
    {
        string marker = query["version-id-marker"] ?? "";
        if (marker.Length == 0 || (keyMarker.Length > 0 && (marker == VersionId.Null || VersionId.TryParse(marker, out _))))
        {
            return marker;
        }

        throw keyMarker.Length == 0
            ? Arguments.Invalid("A version-id marker cannot be specified without a key marker.", "version-id-marker", marker)
            : Arguments.Invalid("Invalid version id specified", "version-id-marker", marker);
    }

    private static void Write(ref S3XmlWriter xml, S3Context context, ListRequest request, ListedVersion entry)
    {
        StoredObject version = entry.Version;
        ReadOnlySpan<byte> element = version.IsDeleteMarker ? "DeleteMarker"u8 : "Version"u8;
        xml.Start(element);
        EncodingType.Element(ref xml, "Key"u8, version.Key.Utf8, request.Url);
        xml.Element("VersionId"u8, version.VersionName);
        xml.Element("IsLatest"u8, entry.IsLatest);
        xml.Element("LastModified"u8, version.LastModified);
        if (!version.IsDeleteMarker)
        {
            ListRequest.WriteBody(ref xml, version);
            xml.Element("StorageClass"u8, version.Metadata.StorageClass);
        }

        ListRequest.WriteOwner(ref xml, context, version.OwnerId);
        xml.End(element);
    }
}
