using Tarn.Core.Hashing;

namespace Tarn.S3.Routing;

/// <summary>
/// Headers and query parameters that several operations have in common, as S3's model groups them. Source: Amazon S3 API Reference, request
/// syntax of each action.
/// </summary>
internal static class RequestMembers
{
    /// <summary>
    /// Accepted by every operation. Agreeing to pay has no effect, since nobody is charged; a checksum covers the body, if there is one.
    /// </summary>
    public static readonly string[] OfAll =
    [
        "x-amz-expected-bucket-owner", "x-amz-request-payer", "x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type",
        .. ChecksumAlgorithms.All.Select(ChecksumAlgorithms.HeaderName),
    ];

    /// <summary>Headers of requests with a document in the body.</summary>
    public static readonly string[] Document = ["Content-MD5", "x-amz-sdk-checksum-algorithm"];

    /// <summary>Headers of requests with the bytes of an object or part in the body.</summary>
    public static readonly string[] Data = ["Content-Length", "Content-MD5", "x-amz-sdk-checksum-algorithm"];

    /// <summary>Headers that are stored with an object.</summary>
    public static readonly string[] Stored =
    [
        "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires", "x-amz-meta-*",
        "x-amz-storage-class", "x-amz-tagging",
    ];

    public static readonly string[] Acl =
    [
        "x-amz-acl", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write", "x-amz-grant-write-acp",
    ];

    public static readonly string[] WriteConditions = ["If-Match", "If-None-Match", "If-Unmodified-Since"];

    /// <summary>Headers and parameters for reading an object.</summary>
    public static readonly string[] Reading = ["If-Match", "If-Modified-Since", "If-None-Match", "If-Unmodified-Since", "Range"];

    public static readonly string[] ReadingQuery =
    [
        "partNumber", "response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language",
        "response-content-type", "response-expires", "versionId",
    ];

    /// <summary>Headers about the source of a copy.</summary>
    public static readonly string[] CopySource =
    [
        "x-amz-copy-source", "x-amz-copy-source-if-match", "x-amz-copy-source-if-modified-since", "x-amz-copy-source-if-none-match",
        "x-amz-copy-source-if-unmodified-since", "x-amz-source-expected-bucket-owner",
    ];

    /// <summary>Asks for the state of restores; there are none, since nothing is archived.</summary>
    public static readonly string[] Listing = ["x-amz-optional-object-attributes"];
}
