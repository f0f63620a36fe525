using Tarn.Core.Access;
using Tarn.Core.Policy;
using Tarn.S3.Operations;
using Tarn.S3.Operations.Settings;
using Tarn.S3.Routing;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Access;

/// <summary>
/// For each call: a user of another organization may make it with exactly the permission that the table of operations names, in a bucket
/// policy, and may not without it. Where other organizations cannot be allowed, a user of the owner's organization makes the call.
/// </summary>
public sealed class PermissionTableTests
{
    private const string Tagging = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";

    /// <summary>Operation, the permissions that are needed together, and the request. {v} is a version of the key, {u} an upload of it, {e} the ETag of its part.</summary>
    internal static readonly (string Operation, string Permissions, string Request, string? Body, string[] Headers)[] Calls =
    [
        ("HeadBucket", "ListBucket", "HEAD bucket", null, []),
        ("DeleteBucket", "DeleteBucket", "DELETE empty", null, []),
        ("GetBucketLocation", "GetBucketLocation", "GET bucket?location", null, []),
        ("ListObjects", "ListBucket", "GET bucket", null, []),
        ("ListObjectsV2", "ListBucket", "GET bucket?list-type=2", null, []),
        ("ListObjectVersions", "ListBucket", "GET bucket?versions", null, []),
        ("ListObjectVersions", "ListBucketVersions", "GET bucket?versions", null, []),
        ("ListMultipartUploads", "ListBucketMultipartUploads", "GET bucket?uploads", null, []),
        ("GetBucketVersioning", "GetBucketVersioning", "GET bucket?versioning", null, []),
        ("PutBucketVersioning", "PutBucketVersioning", "PUT bucket?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>", []),
        ("GetBucketTagging", "GetBucketTagging", "GET bucket?tagging", null, []),
        ("PutBucketTagging", "PutBucketTagging", "PUT bucket?tagging", Tagging, []),
        ("DeleteBucketTagging", "DeleteBucketTagging", "DELETE bucket?tagging", null, []),
        ("DeleteBucketTagging", "PutBucketTagging", "DELETE bucket?tagging", null, []),
        ("GetBucketLifecycleConfiguration", "GetLifecycleConfiguration", "GET bucket?lifecycle", null, []),
        ("PutBucketLifecycleConfiguration", "PutLifecycleConfiguration", "PUT bucket?lifecycle", "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Days>9</Days></Expiration></Rule></LifecycleConfiguration>", []),
        ("DeleteBucketLifecycle", "DeleteLifecycleConfiguration", "DELETE bucket?lifecycle", null, []),
        ("DeleteBucketLifecycle", "PutLifecycleConfiguration", "DELETE bucket?lifecycle", null, []),
        ("GetBucketCors", "GetBucketCORS", "GET bucket?cors", null, []),
        ("PutBucketCors", "PutBucketCORS", "PUT bucket?cors", "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>", []),
        ("DeleteBucketCors", "PutBucketCORS", "DELETE bucket?cors", null, []),
        ("GetBucketPolicy", "GetBucketPolicy", "GET bucket?policy", null, []),
        ("DeleteBucketPolicy", "DeleteBucketPolicy", "DELETE bucket?policy", null, []),
        ("GetBucketPolicyStatus", "GetBucketPolicyStatus", "GET bucket?policyStatus", null, []),
        ("GetBucketAcl", "ListBucket", "GET bucket?acl", null, []),
        ("GetBucketAcl", "GetBucketAcl", "GET bucket?acl", null, []),
        ("PutBucketAcl", "PutBucketAcl", "PUT bucket?acl", "", ["x-amz-acl: public-read"]),
        ("GetBucketOwnershipControls", "GetBucketOwnershipControls", "GET bucket?ownershipControls", null, []),
        ("PutBucketOwnershipControls", "PutBucketOwnershipControls", "PUT bucket?ownershipControls", "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>", []),
        ("DeleteBucketOwnershipControls", "PutBucketOwnershipControls", "DELETE bucket?ownershipControls", null, []),
        ("GetPublicAccessBlock", "GetBucketPublicAccessBlock", "GET bucket?publicAccessBlock", null, []),
        ("PutPublicAccessBlock", "PutBucketPublicAccessBlock", "PUT bucket?publicAccessBlock", "<PublicAccessBlockConfiguration/>", []),
        ("DeletePublicAccessBlock", "PutBucketPublicAccessBlock", "DELETE bucket?publicAccessBlock", null, []),
        ("GetBucketLogging", "GetBucketLogging", "GET bucket?logging", null, []),
        ("PutBucketLogging", "PutBucketLogging,PutObject", "PUT bucket?logging", "<BucketLoggingStatus><LoggingEnabled><TargetBucket>bucket</TargetBucket><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>", []),
        ("PutObject", "PutObject", "PUT bucket/new", "x", []),
        ("PutObject", "PutObject,PutObjectTagging", "PUT bucket/new", "x", ["x-amz-tagging: k=v"]),
        ("PutObject", "PutObject,PutObjectAcl", "PUT bucket/new", "x", ["x-amz-acl: public-read"]),
        ("GetObject", "GetObject", "GET bucket/key", null, []),
        ("GetObject", "GetObjectVersion", "GET bucket/key?versionId={v}", null, []),
        ("HeadObject", "GetObject", "HEAD bucket/key", null, []),
        ("HeadObject", "GetObjectVersion", "HEAD bucket/key?versionId={v}", null, []),
        ("DeleteObject", "DeleteObject", "DELETE bucket/key", null, []),
        ("DeleteObject", "DeleteObjectVersion", "DELETE bucket/key?versionId={v}", null, []),
        ("CopyObject", "PutObject,GetObject", "PUT bucket/copy", null, ["x-amz-copy-source: bucket/key"]),
        ("CopyObject", "PutObject,GetObjectVersion", "PUT bucket/copy", null, ["x-amz-copy-source: bucket/key?versionId={v}"]),
        ("CopyObject", "PutObject,GetObject,GetObjectTagging,PutObjectTagging", "PUT bucket/copy", null, ["x-amz-copy-source: bucket/tagged"]),
        ("CopyObject", "PutObject,GetObject,PutObjectTagging", "PUT bucket/copy", null, ["x-amz-copy-source: bucket/tagged", "x-amz-tagging-directive: REPLACE", "x-amz-tagging: a=b"]),
        ("CopyObject", "PutObject,GetObject,PutObjectAcl", "PUT bucket/copy", null, ["x-amz-copy-source: bucket/key", "x-amz-acl: public-read"]),
        ("GetObjectAttributes", "GetObject", "GET bucket/key?attributes", null, ["x-amz-object-attributes: ETag"]),
        ("GetObjectAttributes", "GetObjectAttributes", "GET bucket/key?attributes", null, ["x-amz-object-attributes: ETag"]),
        ("GetObjectAttributes", "GetObjectVersion", "GET bucket/key?attributes&versionId={v}", null, ["x-amz-object-attributes: ETag"]),
        ("GetObjectAcl", "GetObject", "GET bucket/key?acl", null, []),
        ("GetObjectAcl", "GetObjectAcl", "GET bucket/key?acl", null, []),
        ("GetObjectAcl", "GetObjectVersionAcl", "GET bucket/key?acl&versionId={v}", null, []),
        ("PutObjectAcl", "PutObjectAcl", "PUT bucket/key?acl", "", ["x-amz-acl: private"]),
        ("PutObjectAcl", "PutObjectVersionAcl", "PUT bucket/key?acl&versionId={v}", "", ["x-amz-acl: private"]),
        ("GetObjectTagging", "GetObjectTagging", "GET bucket/key?tagging", null, []),
        ("GetObjectTagging", "GetObjectVersionTagging", "GET bucket/key?tagging&versionId={v}", null, []),
        ("PutObjectTagging", "PutObjectTagging", "PUT bucket/key?tagging", Tagging, []),
        ("PutObjectTagging", "PutObjectVersionTagging", "PUT bucket/key?tagging&versionId={v}", Tagging, []),
        ("DeleteObjectTagging", "DeleteObjectTagging", "DELETE bucket/key?tagging", null, []),
        ("DeleteObjectTagging", "DeleteObjectVersionTagging", "DELETE bucket/key?tagging&versionId={v}", null, []),
        ("CreateMultipartUpload", "PutObject", "POST bucket/key?uploads", "", []),
        ("CreateMultipartUpload", "PutObject,PutObjectTagging", "POST bucket/key?uploads", "", ["x-amz-tagging: k=v"]),
        ("UploadPart", "PutObject", "PUT bucket/key?partNumber=2&uploadId={u}", "x", []),
        ("UploadPartCopy", "PutObject,GetObject", "PUT bucket/key?partNumber=2&uploadId={u}", null, ["x-amz-copy-source: bucket/key"]),
        ("CompleteMultipartUpload", "PutObject", "POST bucket/key?uploadId={u}", "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{e}</ETag></Part></CompleteMultipartUpload>", []),
        ("AbortMultipartUpload", "AbortMultipartUpload", "DELETE bucket/key?uploadId={u}", null, []),
        ("ListParts", "ListMultipartUploadParts", "GET bucket/key?uploadId={u}", null, []),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Calls.Length)];

    [Fact]
    public void Every_operation_of_the_table_is_here()
    {
        // Operations that no bucket policy decides, and those with tests of their own.
        string[] others =
        [
            "ListBuckets", "CreateBucket", "PutBucketPolicy", "DeleteObjects", "PostObject", "Preflight",
            .. UnsetSettings.OfBuckets.Concat(UnsetSettings.OfObjects).SelectMany(setting => setting.Requests.Select(request => request.Name)),
        ];
        Assert.Equal(
            OperationTable.Rows.Select(row => row.Name).Order(StringComparer.Ordinal),
            Calls.Select(call => call.Operation).Distinct().Concat(others).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_call_needs_exactly_its_permissions(int row)
    {
        (string operation, string permissions, string request, string? body, string[] headers) = Calls[row];
        await using AccessHost host = await AccessHost.StartAsync();
        (request, body, headers) = await PrepareAsync(host, request, body, headers);
        string[] needed = permissions.Split(',');

        // For calls restricted to the bucket owner's organization, one of its own users needs the permission.
        string organization = ActionReach.Of(S3Actions.All.Single(action => action.ToString() == needed[0])) == Reach.OwnersOrganization ? "a" : "b";
        string who = organization + ".user";
        string refusal = request.StartsWith("HEAD", StringComparison.Ordinal) ? "Forbidden" : "AccessDenied";
        string[] known = [.. S3Actions.All.Select(action => action.ToString())];

        foreach (string missing in needed)
        {
            string[] others = [.. known.Where(action => action != missing && !StandsFor(operation, permissions, action))];
            await GrantAsync(host, request.Contains("empty", StringComparison.Ordinal) ? "empty" : "bucket", organization, others);
            await host.RefusedAsync(refusal, who, request, body, headers);
        }

        await GrantAsync(host, request.Contains("empty", StringComparison.Ordinal) ? "empty" : "bucket", organization, needed);
        await host.RefusedAsync(refusal, organization + ".other", request, body, headers);
        await host.OkAsync(who, request, body, headers);
    }

    /// <summary>Whether an action is equivalent to the one that a row names, since two names stand for one permission.</summary>
    internal static bool StandsFor(string operation, string permissions, string action)
    {
        S3Operation row = OperationTable.ByName(operation);
        bool versioned = permissions.Contains("Version", StringComparison.Ordinal);
        string?[] names = row.AwsAction is null
            ? []
            : [versioned && row.VersionAction is not null ? row.VersionAction : row.Action, versioned ? row.AwsVersionAction ?? row.AwsAction : row.AwsAction];
        if (operation == "ListObjectVersions")
        {
            names = ["s3:ListBucket", "s3:ListBucketVersions"];
        }

        return names.Contains("s3:" + action);
    }

    private static Task GrantAsync(AccessHost host, string bucket, string organization, string[] actions) => host.PolicyAsync(
        bucket,
        $$"""
        {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::{{organization}}:user/user"},"Action":[{{string.Join(',', actions.Where(IsOfBuckets).Select(action => $"\"s3:{action}\""))}}],
         "Resource":["arn:aws:s3:::{{bucket}}","arn:aws:s3:::{{bucket}}/*"]}
        """);

    private static bool IsOfBuckets(string action) => action is not ("ListAllMyBuckets" or "CreateBucket");

    internal static async Task<(string Request, string? Body, string[] Headers)> PrepareAsync(AccessHost host, string request, string? body, string[] headers)
    {
        await host.OkAsync("a", "PUT empty");
        await host.OkAsync("a", "PUT bucket", "", "x-amz-object-ownership: BucketOwnerPreferred");
        await host.OkAsync("a", "PUT bucket?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        await host.OkAsync("a", "PUT bucket?publicAccessBlock", "<PublicAccessBlockConfiguration/>");
        await host.OkAsync("a", "PUT bucket?tagging", Tagging, Digest(Tagging));
        const string Rules = "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Days>9</Days></Expiration></Rule></LifecycleConfiguration>";
        await host.OkAsync("a", "PUT bucket?lifecycle", Rules, Digest(Rules));
        const string Cors = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
        await host.OkAsync("a", "PUT bucket?cors", Cors, Digest(Cors));
        string version = (await host.OkAsync("a", "PUT bucket/key", "x")).Header("x-amz-version-id")!;
        await host.OkAsync("a", "PUT bucket/tagged", "x", "x-amz-tagging: t=w");
        RawS3Response begun = await host.OkAsync("a", "POST bucket/key?uploads", "");
        string upload = begun.Xml.Elements().Single(e => e.Name.LocalName == "UploadId").Value;
        string etag = (await host.OkAsync("a", $"PUT bucket/key?partNumber=1&uploadId={upload}", "x")).Header("ETag")!;
        string Fill(string text) => text.Replace("{v}", version, StringComparison.Ordinal).Replace("{u}", upload, StringComparison.Ordinal)
            .Replace("{e}", etag, StringComparison.Ordinal);
        body = body is null ? null : Fill(body);
        string[] filled = [.. headers.Select(Fill)];
        return (Fill(request), body, body?.StartsWith('<') == true && !request.StartsWith("POST", StringComparison.Ordinal) ? [.. filled, Digest(body)] : filled);
    }

    internal static string Digest(string body) =>
        "x-amz-checksum-sha256: " + Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(body)));
}
