using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.S3.Operations;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.Tests.Wire;

public sealed class RequestFeaturesTests
{
    /// <summary>What clients, tracers, proxies and content delivery networks add to any request.</summary>
    private static readonly string[] ForeignHeaders =
    [
        "Host", "Connection", "Accept", "Accept-Encoding", "User-Agent", "Via", "X-Forwarded-For", "Forwarded", "CF-Ray", "CDN-Loop",
        "X-Amz-Cf-Id", "traceparent", "X-Amzn-Trace-Id", "amz-sdk-invocation-id", "amz-sdk-request", "x-amz-user-agent", "x-amz-date",
        "x-amz-content-sha256", "x-amz-security-token", "x-amz-te", "x-amz-sdk-unknown", "x-amz-", "x-amz-something-new", "x-goog-meta-a",
        "x-amz-decoded-content-length", "x-amz-trailer",
    ];

    /// <summary>Parameters that have no meaning in S3.</summary>
    private static readonly string[] ForeignParameters = ["x-id", "v", "_", "cachebust", "utm_source", "response", "Response-Expires", "X-Amz-Signature"];

    public static TheoryData<string> Operations => [.. OperationTable.Rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public void Names_that_S3_gives_no_meaning_to_pass(string operation)
    {
        Assert.All(ForeignHeaders, name => Assert.Null(Refusal(operation, "", (name, "value"))));
        Assert.All(ForeignParameters, name => Assert.Null(Refusal(operation, $"{name}=value")));
    }

    [Theory]
    [InlineData("x-amz-server-side-encryption", "AES256")]
    [InlineData("X-Amz-Server-Side-Encryption", "aws:kms")]
    [InlineData("X-Amz-Server-Side-Encryption-Customer-Key", "k")]
    [InlineData("x-amz-server-side-encryption-something-new", "1")]
    [InlineData("x-amz-copy-source-server-side-encryption-customer-key", "k")]
    [InlineData("x-amz-object-lock-mode", "GOVERNANCE")]
    [InlineData("x-amz-object-lock-legal-hold", "OFF")]
    [InlineData("x-amz-grant-everything", "id=x")]
    [InlineData("x-amz-checksum-crc99", "AAAA")]
    [InlineData("x-amz-mfa", "1 2")]
    public void Families_with_a_meaning_are_refused_on_any_operation(string name, string value)
    {
        foreach (S3Operation row in OperationTable.Rows.Where(row => row.Name != "CreateBucket" || !name.Contains("copy", StringComparison.Ordinal)))
        {
            S3Exception refusal = Assert.IsType<S3Exception>(Refusal(row.Name, "", (name, value)));
            Assert.Equal(S3Error.NotImplemented, refusal.Error);
            Assert.Contains(refusal.Details, detail => detail.Key == "Header" && name.Equals(detail.Value, StringComparison.OrdinalIgnoreCase));
            Assert.Contains(name.ToLowerInvariant(), refusal.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("PutObject", "x-amz-acl", "public-read", null)]
    [InlineData("PutObject", "x-amz-grant-read", "id=x", null)]
    [InlineData("PutObject", "x-amz-write-offset-bytes", "1", "NotImplemented")]
    [InlineData("PutObject", "x-amz-website-redirect-location", "elsewhere", "NotImplemented")]
    [InlineData("PutObject", "If-Match", "*", null)]
    [InlineData("PutObject", "x-amz-checksum-XXHASH3", "AAAA", null)]
    [InlineData("DeleteObject", "x-amz-acl", "public-read", "NotImplemented")]
    [InlineData("DeleteObject", "x-amz-acl", "private", null)]
    [InlineData("UploadPart", "x-amz-acl", "bucket-owner-full-control", null)]
    [InlineData("UploadPart", "x-amz-grant-read", "id=x", "NotImplemented")]
    [InlineData("DeleteObject", "x-amz-if-match-size", "1", null)]
    [InlineData("DeleteObject", "x-amz-bypass-governance-retention", "true", null)]
    [InlineData("UploadPart", "if-none-match", "*", "NotImplemented")]
    [InlineData("AbortMultipartUpload", "x-amz-if-match-initiated-time", "now", "NotImplemented")]
    [InlineData("PutObjectAcl", "If-Match", "*", "NotImplemented")]
    [InlineData("PutBucketTagging", "If-Match", "*", null)]
    [InlineData("GetObject", "If-Match", "*", null)]
    [InlineData("CreateBucket", "x-amz-acl", "public-read", null)]
    [InlineData("CreateBucket", "x-amz-bucket-object-lock-enabled", "true", "NotImplemented")]
    [InlineData("CreateBucket", "x-amz-bucket-object-lock-enabled", "False", null)]
    [InlineData("CreateBucket", "x-amz-bucket-namespace", "global", null)]
    [InlineData("CreateBucket", "x-amz-bucket-namespace", "account-regional", "NotImplemented")]
    [InlineData("CreateBucket", "x-amz-meta-a", "1", "InvalidRequest")]
    [InlineData("CreateBucket", "If-None-Match", "*", "InvalidRequest")]
    [InlineData("CreateBucket", "content-encoding", "gzip", "InvalidRequest")]
    [InlineData("CreateBucket", "Content-Encoding", "aws-chunked", null)]
    [InlineData("DeleteBucket", "If-Modified-Since", "now", "InvalidRequest")]
    [InlineData("PostObject", "x-amz-copy-source", "b/k", "NotImplemented")]
    [InlineData("PutObjectLockConfiguration", "x-amz-bucket-object-lock-token", "t", "NotImplemented")]
    public void What_a_row_accepts_and_refuses(string operation, string name, string value, string? code) =>
        Assert.Equal(code, Refusal(operation, "", (name, value))?.Error.Code);

    [Theory]
    [InlineData("GetObject", "response-expires=x", null)]
    [InlineData("HeadObject", "response-content-type=x", null)]
    [InlineData("GetObject", "response-etag=x", "InvalidArgument")]
    [InlineData("ListObjectsV2", "response-expires=x", "InvalidArgument")]
    [InlineData("PutObject", "response-=x", "InvalidArgument")]
    public void Response_headers_are_overridden_by_reading_an_object(string operation, string query, string? code) =>
        Assert.Equal(code, Refusal(operation, query)?.Error.Code);

    private static S3Exception? Refusal(string operation, string query, params (string Name, string Value)[] sent)
    {
        Assert.True(RequestQuery.TryParse(query, out RequestQuery parsed));
        var headers = new HeaderDictionary();
        foreach ((string name, string value) in sent)
        {
            headers[name] = value;
        }

        return (S3Exception?)Record.Exception(() => RequestFeatures.ThrowIfUnsupported(OperationTable.ByName(operation), parsed, headers));
    }
}
