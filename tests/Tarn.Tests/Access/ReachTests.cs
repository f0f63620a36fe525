using Tarn.S3.Operations;
using Tarn.S3.Operations.Settings;
using Tarn.TestKit.Http;
using Tarn.Tests.Docs;

namespace Tarn.Tests.Access;

/// <summary>
/// For each row of the table of operations: what a bucket policy of <c>s3:*</c> for everyone allows anonymous callers and another
/// organization, and what no bucket policy can allow them. <c>a</c> owns the bucket.
/// </summary>
public sealed class ReachTests
{
    private const string Everything = """{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::BUCKET","arn:aws:s3:::BUCKET/*"]}""";

    /// <summary>Operations restricted to the organization that owns the bucket.</summary>
    private static readonly string[] Kept =
    [
        "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy",
        "GetBucketOwnershipControls", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls",
        "GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock", "PutBucketLogging",
    ];

    /// <summary>Operations that anonymous callers can never use.</summary>
    private static readonly string[] Signed =
    [
        "DeleteBucket", "PutBucketVersioning", "PutBucketTagging", "DeleteBucketTagging", "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle",
        "PutBucketCors", "DeleteBucketCors", "CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload",
        "AbortMultipartUpload", "ListParts",
        .. UnsetSettings.OfBuckets.SelectMany(setting => setting.Requests.Where(request => request.Method != "GET").Select(request => request.Name)),
    ];

    /// <summary>Operations open to everyone whom a policy allows.</summary>
    private static readonly string[] Open =
    [
        "HeadBucket", "GetBucketLocation", "ListObjects", "ListObjectsV2", "DeleteObjects", "GetBucketVersioning", "GetBucketTagging",
        "GetBucketLifecycleConfiguration", "GetBucketCors", "ListObjectVersions", "GetBucketPolicyStatus", "GetBucketAcl", "PutBucketAcl",
        "ListMultipartUploads", "PutObject", "GetObject", "HeadObject", "DeleteObject", "GetObjectAttributes", "GetObjectAcl", "PutObjectAcl",
        "GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging", "PostObject", "GetBucketLogging",
        .. UnsetSettings.OfBuckets.SelectMany(setting => setting.Requests.Where(request => request.Method == "GET").Select(request => request.Name)),
        .. UnsetSettings.OfObjects.SelectMany(setting => setting.Requests.Select(request => request.Name)),
    ];

    /// <summary>Operations without an existing bucket: they concern the requester's own organization, which anonymous callers lack, or none.</summary>
    private static readonly string[] OfNoBucket = ["ListBuckets", "CreateBucket", "Preflight"];

    private const string Form =
        "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nform\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n";

    private const string Keys = "<Delete><Object><Key>key</Key></Object></Delete>";

    private static readonly (string Operation, string Permissions, string Request, string? Body, string[] Headers)[] Calls =
    [
        .. PermissionTableTests.Calls,
        ("PutBucketPolicy", "", "PUT bucket?policy", $$"""{"Version":"2012-10-17","Statement":[{{Everything.Replace("BUCKET", "bucket", StringComparison.Ordinal)}}]}""", []),
        ("DeleteObjects", "", "POST bucket?delete", Keys, [PermissionTableTests.Digest(Keys)]),
        ("PostObject", "", "POST bucket", Form, ["Content-Type: multipart/form-data; boundary=b"]),
    ];

    public static TheoryData<string> Rows => [.. OperationTable.Rows.Select(row => row.Name).Except(OfNoBucket)];

    [Fact]
    public void Every_operation_of_the_table_is_of_one_kind() => Assert.Equal(
        OperationTable.Rows.Select(row => row.Name).Order(StringComparer.Ordinal),
        Kept.Concat(Signed).Concat(Open).Concat(OfNoBucket).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_policy_for_everyone_reaches_as_far_as_S3_lets_it(string operation)
    {
        foreach (var call in Calls.Where(call => call.Operation == operation))
        {
            await using AccessHost host = await AccessHost.StartAsync();
            (string request, string? body, string[] headers) = await PermissionTableTests.PrepareAsync(host, call.Request, call.Body, call.Headers);
            string bucket = request.Contains("empty", StringComparison.Ordinal) ? "empty" : "bucket";
            await host.PolicyAsync(bucket, Everything.Replace("BUCKET", bucket, StringComparison.Ordinal));
            if (Kept.Contains(operation))
            {
                await host.RefusedAsync("MethodNotAllowed", null, request, body, headers);
                await host.RefusedAsync("MethodNotAllowed", "b", request, body, headers);
                await host.RefusedAsync("MethodNotAllowed", "b.user", request, body, headers);
                await host.OkAsync("a", $"GET {bucket}?policy");
                continue;
            }

            if (Signed.Contains(operation))
            {
                await host.RefusedAsync("AccessDenied", null, request, body, headers);
            }
            else if (operation != "PostObject" || body is not null)
            {
                await host.OkAsync(null, request, body, headers);
                await using AccessHost again = await AccessHost.StartAsync();
                (request, body, headers) = await PermissionTableTests.PrepareAsync(again, call.Request, call.Body, call.Headers);
                await again.PolicyAsync(bucket, Everything.Replace("BUCKET", bucket, StringComparison.Ordinal));
                await OtherOrganizationAsync(again, operation, request, body, headers);
                continue;
            }

            await OtherOrganizationAsync(host, operation, request, body, headers);
        }
    }

    [Theory]
    [InlineData("GET bucket?policy")]
    [InlineData("DELETE bucket?policy")]
    [InlineData("PUT bucket?publicAccessBlock")]
    public async Task Who_has_not_even_the_permission_is_denied(string request)
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.RefusedAsync("AccessDenied", "b", request);
        await host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""");
        await host.RefusedAsync("AccessDenied", "b", request);
        await host.RefusedAsync("AccessDenied", null, request);
        await host.PolicyAsync(
            "bucket",
            Everything.Replace("BUCKET", "bucket", StringComparison.Ordinal),
            """{"Effect":"Deny","Principal":{"AWS":"b"},"Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}""");
        await host.RefusedAsync("AccessDenied", "b", request);
    }

    [Fact]
    public async Task An_anonymous_caller_is_told_to_sign_copies_and_uploads()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket/key", "x");
        await host.PolicyAsync("bucket", Everything.Replace("BUCKET", "bucket", StringComparison.Ordinal));
        RawS3Response copy = await host.RefusedAsync("AccessDenied", null, "PUT bucket/copy", null, "x-amz-copy-source: bucket/key");
        Assert.Contains("Anonymous users cannot copy objects", copy.Text, StringComparison.Ordinal);
        RawS3Response begun = await host.RefusedAsync("AccessDenied", null, "POST bucket/key?uploads", "");
        Assert.Contains("Anonymous users cannot initiate multipart uploads", begun.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_reference_has_the_table()
    {
        Dictionary<string, string> rows = Pages.Table("docs/reference/access-control.md", "| Can be allowed").ToDictionary(cells => cells[0], cells => cells[1]);
        foreach ((string heading, string[] names) in new[] { ("the bucket owner's organization", Kept), ("signed requests", Signed), ("anyone", Open) })
        {
            Assert.Equal(names.Order(StringComparer.Ordinal), rows[heading].Split(',').Select(name => name.Trim()).Order(StringComparer.Ordinal));
        }
    }

    private static async Task OtherOrganizationAsync(AccessHost host, string operation, string request, string? body, string[] headers)
    {
        if (operation == "PostObject")
        {
            // A form is signed inside its body; FormAuthentication has its tests.
            return;
        }

        await host.OkAsync("b.user", request, body, headers);
    }
}
