using Tarn.Core.Buckets;
using Tarn.Core.Policy;
using Tarn.Core.Errors;
using Tarn.S3.Operations.Buckets;
using Tarn.S3.Operations.Disks;
using Tarn.S3.Operations.Multipart;
using Tarn.S3.Operations.Objects;
using Tarn.S3.Operations.Service;
using Tarn.S3.Operations.Settings;
using Tarn.S3.Routing;
using static Tarn.S3.Operations.ServedOperation;

namespace Tarn.S3.Operations;

/// <summary>
/// The table of implemented operations: one row each, with the type that serves it. If a request satisfies several rows, the one with the most
/// requirements wins.
/// Source: Amazon S3 API Reference, "Actions"; Service Authorization Reference for the policy actions.
/// </summary>
internal static class OperationTable
{
    public static readonly IReadOnlyList<ServedOperation> Served =
    [
        Of<ListBuckets>(new("ListBuckets", "GET", S3Target.Service, "s3:ListAllMyBuckets")
        {
            TakesAnyRegion = true,
            Parameters = ["bucket-region", "continuation-token", "max-buckets", "prefix"],
        }),

        Of<CreateBucket>(new("CreateBucket", "PUT", S3Target.Bucket, "s3:CreateBucket")
        {
            Scope = OperationScope.Organization, ChangesCatalog = true,
            Headers = [.. RequestMembers.Acl, "x-amz-object-ownership"], Refuses = RefusedHeader.OfObjects,
        }),
        Of<HeadBucket>(new("HeadBucket", "HEAD", S3Target.Bucket, "s3:ListBucket")),
        Of<DeleteBucket>(new("DeleteBucket", "DELETE", S3Target.Bucket, "s3:DeleteBucket")
        {
            ChangesCatalog = true,
            Refuses = [new("If-*") { BelongsToObjects = true }],
        }),
        Of<GetBucketLocation>(new("GetBucketLocation", "GET", S3Target.Bucket, "s3:GetBucketLocation") { Query = ["location"], TakesAnyRegion = true }),
        Of<ListObjects>(new("ListObjects", "GET", S3Target.Bucket, "s3:ListBucket")
        {
            Lists = true,
            Headers = RequestMembers.Listing, Parameters = ["delimiter", "encoding-type", "marker", "max-keys", "prefix"],
        }),
        Of<ListObjectsV2>(new("ListObjectsV2", "GET", S3Target.Bucket, "s3:ListBucket")
        {
            Query = ["list-type=2"], Lists = true,
            Headers = RequestMembers.Listing,
            Parameters = ["continuation-token", "delimiter", "encoding-type", "fetch-owner", "max-keys", "prefix", "start-after"],
        }),
        Of<DeleteObjects>(new("DeleteObjects", "POST", S3Target.Bucket, "s3:DeleteObject")
        {
            Query = ["delete"], Authorization = OperationAuthorization.PerKey,
            Headers = [.. RequestMembers.Document, "x-amz-bypass-governance-retention"], Refuses = RefusedHeader.Conditions,
        }),
        Of<ListObjectVersions, ListDiskVersions>(new("ListObjectVersions", "GET", S3Target.Bucket, "s3:ListBucket")
        {
            Query = ["versions"], AwsAction = "s3:ListBucketVersions", Lists = true,
            Headers = RequestMembers.Listing,
            Parameters = ["delimiter", "encoding-type", "key-marker", "max-keys", "prefix", "version-id-marker"],
        }),
        Of<GetBucketPolicyStatus>(new("GetBucketPolicyStatus", "GET", S3Target.Bucket, "s3:GetBucketPolicyStatus") { Query = ["policyStatus"] }, S3Error.NoSuchBucketPolicy),
        Of<ListMultipartUploads>(new("ListMultipartUploads", "GET", S3Target.Bucket, "s3:ListBucketMultipartUploads")
        {
            Query = ["uploads"], Lists = true,
            Parameters = ["delimiter", "encoding-type", "key-marker", "max-uploads", "prefix", "upload-id-marker"],
        }),

        Of<PutObject>(new("PutObject", "PUT", S3Target.Object, "s3:PutObject")
        {
            TakesStreams = true, Upload = UploadRole.Begins,
            Headers = [.. RequestMembers.Data, .. RequestMembers.Stored, .. RequestMembers.Acl, .. RequestMembers.WriteConditions],
        }),
        Of<GetObject>(new("GetObject", "GET", S3Target.Object, "s3:GetObject")
        {
            VersionAction = "s3:GetObjectVersion", Needs = BucketCapabilities.Reading,
            Headers = RequestMembers.Reading, Parameters = RequestMembers.ReadingQuery,
        }),
        Of<HeadObject>(new("HeadObject", "HEAD", S3Target.Object, "s3:GetObject")
        {
            VersionAction = "s3:GetObjectVersion", Needs = BucketCapabilities.Reading,
            Headers = RequestMembers.Reading, Parameters = RequestMembers.ReadingQuery,
        }),
        Of<DeleteObject>(new("DeleteObject", "DELETE", S3Target.Object, "s3:DeleteObject")
        {
            VersionAction = "s3:DeleteObjectVersion",
            Headers = [.. RequestMembers.WriteConditions, "x-amz-bypass-governance-retention", "x-amz-if-match-last-modified-time", "x-amz-if-match-size"],
            Parameters = ["versionId"],
        }),
        Of<CopyObject>(new("CopyObject", "PUT", S3Target.Object, "s3:PutObject")
        {
            Header = "x-amz-copy-source", ClosedToAnonymous = "copy objects", Upload = UploadRole.Begins,
            Headers =
            [
                .. RequestMembers.CopySource, .. RequestMembers.Stored, .. RequestMembers.Acl, .. RequestMembers.WriteConditions,
                "x-amz-metadata-directive", "x-amz-object-annotation-directive", "x-amz-tagging-directive",
            ],
        }),
        Of<Preflight>(new("Preflight", "OPTIONS", S3Target.Object, "") { Authorization = OperationAuthorization.Itself }),
        Of<PostObject>(new("PostObject", "POST", S3Target.Bucket, "s3:PutObject")
        {
            Authorization = OperationAuthorization.Itself, Upload = UploadRole.Begins,
            Headers = [.. RequestMembers.Data, .. RequestMembers.Stored, .. RequestMembers.Acl, .. RequestMembers.WriteConditions],
            Refuses = [new("x-amz-copy-source*")],
        }),
        Of<GetObjectAttributes>(new("GetObjectAttributes", "GET", S3Target.Object, "s3:GetObject")
        {
            Query = ["attributes"], VersionAction = "s3:GetObjectVersion",
            AwsAction = "s3:GetObjectAttributes", AwsVersionAction = "s3:GetObjectVersionAttributes",
            Headers = ["x-amz-max-parts", "x-amz-object-attributes", "x-amz-part-number-marker"], Parameters = ["versionId"],
        }),
        Of<GetObjectAcl, DiskFileAcl>(new("GetObjectAcl", "GET", S3Target.Object, "s3:GetObject")
        {
            Query = ["acl"], VersionAction = "s3:GetObjectVersion", AwsAction = "s3:GetObjectAcl", AwsVersionAction = "s3:GetObjectVersionAcl",
            Parameters = ["versionId"],
        }),
        Of<PutObjectAcl>(new("PutObjectAcl", "PUT", S3Target.Object, "s3:PutObjectAcl")
        {
            Query = ["acl"], VersionAction = "s3:PutObjectVersionAcl",
            Headers = [.. RequestMembers.Document, .. RequestMembers.Acl], Parameters = ["versionId"], Refuses = RefusedHeader.Conditions,
        }),

        Of<GetObjectTagging, DiskFileTagging>(new("GetObjectTagging", "GET", S3Target.Object, "s3:GetObjectTagging")
        {
            Query = ["tagging"], VersionAction = "s3:GetObjectVersionTagging",
            Parameters = ["versionId"],
        }),
        Of<PutObjectTagging>(new("PutObjectTagging", "PUT", S3Target.Object, "s3:PutObjectTagging")
        {
            Query = ["tagging"], VersionAction = "s3:PutObjectVersionTagging", HasTagsInBody = true,
            Headers = RequestMembers.Document, Parameters = ["versionId"], Refuses = RefusedHeader.Conditions,
        }),
        Of<DeleteObjectTagging>(new("DeleteObjectTagging", "DELETE", S3Target.Object, "s3:DeleteObjectTagging")
        {
            Query = ["tagging"], VersionAction = "s3:DeleteObjectVersionTagging",
            Parameters = ["versionId"], Refuses = RefusedHeader.Conditions,
        }),

        Of<CreateMultipartUpload>(new("CreateMultipartUpload", "POST", S3Target.Object, "s3:PutObject")
        {
            Query = ["uploads"], ClosedToAnonymous = "initiate multipart uploads", Upload = UploadRole.Begins,
            Headers = [.. RequestMembers.Stored, .. RequestMembers.Acl, .. RequestMembers.WriteConditions],
        }),
        Of<UploadPart>(new("UploadPart", "PUT", S3Target.Object, "s3:PutObject")
        {
            Query = ["partNumber", "uploadId"], TakesStreams = true, ClosedToAnonymous = "use multipart uploads", Upload = UploadRole.Continues,
            Headers = RequestMembers.Data, Refuses = RefusedHeader.Conditions,
        }),
        Of<UploadPartCopy>(new("UploadPartCopy", "PUT", S3Target.Object, "s3:PutObject")
        {
            Query = ["partNumber", "uploadId"], Header = "x-amz-copy-source", ClosedToAnonymous = "copy objects", Upload = UploadRole.Continues,
            Headers = [.. RequestMembers.CopySource, "x-amz-copy-source-range"], Refuses = RefusedHeader.Conditions,
        }),
        Of<CompleteMultipartUpload>(new("CompleteMultipartUpload", "POST", S3Target.Object, "s3:PutObject")
        {
            Query = ["uploadId"], ClosedToAnonymous = "use multipart uploads", Upload = UploadRole.Continues,
            Headers = [.. RequestMembers.Document, .. RequestMembers.WriteConditions, "x-amz-mp-object-size"],
        }),
        Of<AbortMultipartUpload>(new("AbortMultipartUpload", "DELETE", S3Target.Object, "s3:AbortMultipartUpload")
        {
            Query = ["uploadId"], ClosedToAnonymous = "use multipart uploads", Upload = UploadRole.Manages,
            Refuses = RefusedHeader.Conditions,
        }),
        Of<ListParts>(new("ListParts", "GET", S3Target.Object, "s3:ListMultipartUploadParts")
        {
            Query = ["uploadId"], ClosedToAnonymous = "use multipart uploads", Upload = UploadRole.Manages,
            Parameters = ["max-parts", "part-number-marker"],
        }, S3Error.NoSuchUpload),

        .. BucketSettings.All.SelectMany(Of),
    ];

    /// <summary>The rows alone, each with its place in the table.</summary>
    public static readonly IReadOnlyList<S3Operation> Rows = [.. Served.Select((served, index) => served.Row.At(index))];

    /// <summary>The query parameters that have a meaning in some request.</summary>
    public static readonly KnownParameters Parameters = new(Rows, NotImplementedOperations.Rows);

    private static readonly OperationMatcher Matcher = new(Rows, NotImplementedOperations.Rows);

    /// <summary>
    /// Finds the operation, or the reason there is none: NotImplemented for operations of S3's that this server does not have,
    /// MethodNotAllowed for requests that S3 refuses too.
    /// </summary>
    /// <param name="method">As sent; methods are case-sensitive.</param>
    /// <param name="hasHeader">Whether a request header, named in lower case, is present.</param>
    public static Resolution Resolve<THeaders>(string method, S3Target target, RequestQuery query, THeaders hasHeader)
        where THeaders : struct, IHeaderPresence => Matcher.Resolve(method, target, query, hasHeader);

    /// <summary>The row with this name.</summary>
    public static S3Operation ByName(string name) =>
        Rows.FirstOrDefault(row => row.Name == name) ?? throw new ArgumentException($"No operation is called {name}.", nameof(name));

    /// <summary>
    /// The permission for an action name. For a name that is only AWS's alternative, the permission of the operation that has that alternative.
    /// </summary>
    public static Permission Permission(S3Action action)
    {
        foreach (S3Operation row in Rows)
        {
            if (row.Permission(versioned: false) is var plain && plain.Alternative == action)
            {
                return plain;
            }

            if (row.Permission(versioned: true) is var versioned && versioned.Alternative == action)
            {
                return versioned;
            }
        }

        return new Permission(action);
    }
}
