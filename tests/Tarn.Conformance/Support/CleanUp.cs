using System.Xml.Linq;
using Tarn.TestKit.Http;

namespace Tarn.Conformance.Support;

/// <summary>Removes what a test left on an endpoint that outlives it. By raw requests: the SDK cannot send every key that it is given.</summary>
internal static class CleanUp
{
    /// <summary>Aborts the uploads of a bucket, deletes all versions of its objects, then itself. A bucket that the test never created is not an error.</summary>
    public static async Task BucketAsync(RawClient s3, string bucket)
    {
        if ((await s3.SendAsync("HEAD", $"/{bucket}")).Status is 400 or 403 or 404)
        {
            return;
        }

        await EachAsync(s3, bucket, "uploads", static upload => upload.Name.LocalName == "Upload", static upload => $"uploadId={Uri.EscapeDataString(Text(upload, "UploadId"))}");
        await EachAsync(
            s3, bucket, "versions", static version => version.Name.LocalName is "Version" or "DeleteMarker", static version => $"versionId={Uri.EscapeDataString(Text(version, "VersionId"))}");
        (await s3.SendAsync("DELETE", $"/{bucket}")).Expect(204);
    }

    /// <summary>Deletes what a listing shows, page by page, until there is nothing.</summary>
    private static async Task EachAsync(RawClient s3, string bucket, string listing, Func<XElement, bool> isOne, Func<XElement, string> query)
    {
        while (true)
        {
            XElement[] found = [.. (await s3.SendAsync("GET", $"/{bucket}?{listing}")).Expect(200).Xml().Elements().Where(isOne)];
            if (found.Length == 0)
            {
                return;
            }

            foreach (XElement one in found)
            {
                (await s3.SendAsync("DELETE", $"/{bucket}/{RawClient.Escape(Text(one, "Key"))}?{query(one)}")).Expect(204);
            }
        }
    }

    private static string Text(XElement of, string name) => of.Elements().First(element => element.Name.LocalName == name).Value;
}
