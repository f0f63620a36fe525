using Tarn.Core.Buckets;

namespace Tarn.S3.Routing;

/// <summary>One row of the operation table: which requests are this operation, and the action that policies know it by.</summary>
/// <param name="Name">The operation's name in the Amazon S3 API Reference.</param>
/// <param name="Method">The HTTP method, upper case.</param>
/// <param name="Action">The policy action, e.g. <c>s3:GetObject</c>.</param>
internal sealed record S3Operation(string Name, string Method, S3Target Target, string Action)
{
    /// <summary>Query parameters that must be present; <c>name=value</c> asks for that value.</summary>
    public string[] Query { get; init; } = [];

    /// <summary>A request header that must be present, lower case.</summary>
    public string? Header { get; init; }

    /// <summary>
    /// The headers of S3's model that it honors, or that can do no harm since what they are about does not exist here, beside those of
    /// <see cref="RequestMembers.OfAll"/>. With <c>*</c> at the end: every header whose name begins so.
    /// </summary>
    public string[] Headers { get; init; } = [];

    /// <summary>The query parameters that it honors, beside those by which it is told apart.</summary>
    public string[] Parameters { get; init; } = [];

    /// <summary>What it refuses beyond <see cref="RefusedHeader.NotBuilt"/>.</summary>
    public RefusedHeader[] Refuses { get; init; } = [];

    /// <summary>All that it refuses.</summary>
    public RefusedHeaders Refused => field ??= new RefusedHeaders(this);

    /// <summary>The policy action of a request that names a version; null when versions make no difference.</summary>
    public string? VersionAction { get; init; }

    /// <summary>What AWS calls the permission where it is not <see cref="S3Operation.Action"/>: permitting either permits, denying either denies.</summary>
    public string? AwsAction { get; init; }

    /// <summary><see cref="AwsAction"/> of a request that names a version.</summary>
    public string? AwsVersionAction { get; init; }

    /// <summary>Whose policies decide: a bucket's as well, or the organization's alone.</summary>
    public OperationScope Scope { get; init; } = Target == S3Target.Service ? OperationScope.Organization : OperationScope.Bucket;

    /// <summary>What the bucket must be able to do.</summary>
    public BucketCapabilities Needs { get; init; } = Method is "GET" or "HEAD" ? BucketCapabilities.Listing : BucketCapabilities.Writing;

    /// <summary>Who authenticates the request and decides whether it is allowed, and when.</summary>
    public OperationAuthorization Authorization { get; init; }

    /// <summary>Its part in an upload.</summary>
    public UploadRole Upload { get; init; }

    /// <summary>Whether it creates or removes the bucket itself.</summary>
    public bool ChangesCatalog { get; init; }

    /// <summary>Whether its query selects among keys, as the policy conditions <c>s3:prefix</c>, <c>s3:delimiter</c> and <c>s3:max-keys</c> see it.</summary>
    public bool Lists { get; init; }

    /// <summary>Whether the tags that it sets, which policies may be about, are in its body.</summary>
    public bool HasTagsInBody { get; init; }

    /// <summary>
    /// What anonymous callers "cannot" do, as S3 puts it, though a policy or a list gives them the permission, which other operations
    /// share: copies and multipart uploads. Null where the permission alone decides; see <see cref="Tarn.Core.Access.ActionReach"/>.
    /// </summary>
    public string? ClosedToAnonymous { get; init; }

    /// <summary>Whether its body may come without a length, in chunked transfer encoding: an upload whose end its sender does not know.</summary>
    public bool TakesStreams { get; init; }

    /// <summary>Whether a signature for any region is accepted: clients find out the region by these operations.</summary>
    public bool TakesAnyRegion { get; init; }

    /// <summary>Whether the object gets its bytes, and unless told otherwise its metadata and tags, from another.</summary>
    public bool CopiesObject => Upload == UploadRole.Begins && Header is not null;

    /// <summary>The row's position in the table: what operations are looked up by.</summary>
    public int Index { get; init; } = -1;

    public override string ToString() => Name;
}
