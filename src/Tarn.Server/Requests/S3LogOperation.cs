using System.Text;

namespace Tarn.Server.Requests;

/// <summary>The names of operations in S3's server access logs: <c>REST.</c>, the method and the type of the resource.</summary>
internal static class S3LogOperation
{
    /// <summary>The types of resources whose name is not that of the operation without its verb.</summary>
    private static readonly Dictionary<string, string> Resources = new(StringComparer.Ordinal)
    {
        ["ListBuckets"] = "SERVICE",
        ["CreateBucket"] = "BUCKET",
        ["HeadBucket"] = "BUCKET",
        ["DeleteBucket"] = "BUCKET",
        ["ListObjects"] = "BUCKET",
        ["ListObjectsV2"] = "BUCKET",
        ["ListObjectVersions"] = "BUCKETVERSIONS",
        ["GetBucketLocation"] = "LOCATION",
        ["GetBucketPolicy"] = "BUCKETPOLICY",
        ["PutBucketPolicy"] = "BUCKETPOLICY",
        ["DeleteBucketPolicy"] = "BUCKETPOLICY",
        ["GetBucketLogging"] = "LOGGING_STATUS",
        ["PutBucketLogging"] = "LOGGING_STATUS",
        ["GetBucketAcl"] = "ACL",
        ["PutBucketAcl"] = "ACL",
        ["GetObjectAcl"] = "ACL",
        ["PutObjectAcl"] = "ACL",
        ["GetObject"] = "OBJECT",
        ["HeadObject"] = "OBJECT",
        ["PutObject"] = "OBJECT",
        ["PostObject"] = "OBJECT",
        ["DeleteObject"] = "OBJECT",
        ["SharedFile"] = "OBJECT",
        ["ArchivedObject"] = "OBJECT",
        ["DeleteObjects"] = "MULTI_OBJECT_DELETE",
        ["CreateMultipartUpload"] = "UPLOADS",
        ["ListMultipartUploads"] = "UPLOADS",
        ["UploadPart"] = "PART",
        ["CompleteMultipartUpload"] = "UPLOAD",
        ["AbortMultipartUpload"] = "UPLOAD",
        ["ListParts"] = "UPLOAD",
        ["Preflight"] = "PREFLIGHT",
        ["GetPublicAccessBlock"] = "PUBLIC_ACCESS_BLOCK",
        ["PutPublicAccessBlock"] = "PUBLIC_ACCESS_BLOCK",
        ["DeletePublicAccessBlock"] = "PUBLIC_ACCESS_BLOCK",
    };

    /// <summary>Copies, whose names are not of their method.</summary>
    private static readonly Dictionary<string, string> Copies = new(StringComparer.Ordinal)
    {
        ["CopyObject"] = "REST.COPY.OBJECT",
        ["UploadPartCopy"] = "REST.COPY.PART",
    };

    private static readonly string[] Verbs = ["GetBucket", "PutBucket", "DeleteBucket", "ListBucket", "Get", "Put", "Delete", "List"];

    /// <param name="method">The HTTP method.</param>
    /// <param name="operation">The operation's name in the Amazon S3 API Reference; null for none.</param>
    /// <returns>The name; null without an operation.</returns>
    public static string? Of(string method, string? operation) =>
        operation is null ? null
        : Copies.TryGetValue(operation, out string? copy) ? copy
        : $"REST.{method}.{(Resources.TryGetValue(operation, out string? resource) ? resource : ResourceOf(operation))}";

    /// <summary>The name of a copy in the log of the bucket that has its source.</summary>
    /// <param name="operation">The operation's name in the Amazon S3 API Reference.</param>
    public static string? OfSource(string? operation) => operation is not null && Copies.TryGetValue(operation, out string? copy) ? copy + "_GET" : null;

    /// <summary>The name without its verb, with the words separated: GetBucketOwnershipControls is about OWNERSHIP_CONTROLS.</summary>
    private static string ResourceOf(string operation)
    {
        string? verb = Array.Find(Verbs, verb => operation.StartsWith(verb, StringComparison.Ordinal) && operation.Length > verb.Length);
        var name = new StringBuilder();
        foreach (char c in operation[(verb?.Length ?? 0)..])
        {
            name.Append(char.IsAsciiLetterUpper(c) && name.Length > 0 ? "_" : "").Append(char.ToUpperInvariant(c));
        }

        return name.ToString();
    }
}
