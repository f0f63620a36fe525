using Tarn.Core.Buckets;

namespace Tarn.S3.Routing;

/// <summary>One row of the operation table: which requests select the operation, and its policy action.</summary>
/// <param name="Name">The operation's name in the Amazon S3 API Reference.</param>
/// <param name="Method">The HTTP method, upper case.</param>
/// <param name="Action">The policy action, e.g. <c>s3:GetObject</c>.</param>
internal sealed record S3Operation(string Name, string Method, S3Target Target, string Action)
{
    /// <summary>Query parameters that must be present; <c>name=value</c> requires that value.</summary>
    public string[] Query { get; init; } = [];

    /// <summary>A request header that must be present, lower case.</summary>
    public string? Header { get; init; }

    /// <summary>
    /// The headers of S3's model that it honors, or that are harmless because their subject does not exist here, besides those of
    /// <see cref="RequestMembers.OfAll"/>. A trailing <c>*</c> matches every header with this prefix.
    /// </summary>
    public string[] Headers { get; init; } = [];

    /// <summary>The query parameters that it honors, besides those that select it.</summary>
    public string[] Parameters { get; init; } = [];

    /// <summary>Headers that it refuses besides <see cref="RefusedHeader.NotImplemented"/>.</summary>
    public RefusedHeader[] Refuses { get; init; } = [];

    /// <summary>All headers that it refuses.</summary>
    public RefusedHeaders Refused => field ??= new RefusedHeaders(this);

    /// <summary>The policy action of a request that names a version; null when versions make no difference.</summary>
    public string? VersionAction { get; init; }

    /// <summary>AWS's name for the permission where it differs from <see cref="S3Operation.Action"/>: allowing either allows, denying either denies.</summary>
    public string? AwsAction { get; init; }

    /// <summary><see cref="AwsAction"/> of a request that names a version.</summary>
    public string? AwsVersionAction { get; init; }

    /// <summary>Whose policies decide: the bucket's too, or only the organization's.</summary>
    public OperationScope Scope { get; init; } = Target == S3Target.Service ? OperationScope.Organization : OperationScope.Bucket;

    /// <summary>The capabilities that the bucket must have.</summary>
    public BucketCapabilities Needs { get; init; } = Method is "GET" or "HEAD" ? BucketCapabilities.Listing : BucketCapabilities.Writing;

    /// <summary>Who authenticates the request and decides whether it is allowed, and when.</summary>
    public OperationAuthorization Authorization { get; init; }

    /// <summary>Its part in an upload.</summary>
    public UploadRole Upload { get; init; }

    /// <summary>Whether it creates or removes the bucket itself.</summary>
    public bool ChangesCatalog { get; init; }

    /// <summary>Whether its query selects among keys, as the policy conditions <c>s3:prefix</c>, <c>s3:delimiter</c> and <c>s3:max-keys</c> see it.</summary>
    public bool Lists { get; init; }

    /// <summary>Whether its body holds the tags that it sets, on which policies may have conditions.</summary>
    public bool HasTagsInBody { get; init; }

    /// <summary>
    /// What anonymous callers "cannot" do, in S3's words, even if a policy or an ACL gives them the permission, which other operations
    /// share: copies and multipart uploads. Null where only the permission counts; see <see cref="Tarn.Core.Access.ActionReach"/>.
    /// </summary>
    public string? ClosedToAnonymous { get; init; }

    /// <summary>Whether its body may come without a length, in chunked transfer encoding.</summary>
    public bool TakesStreams { get; init; }

    /// <summary>Whether a signature for any region is accepted: clients use these operations to find the region.</summary>
    public bool TakesAnyRegion { get; init; }

    /// <summary>Whether the object's bytes and, by default, its metadata and tags are copied from another object.</summary>
    public bool CopiesObject => Upload == UploadRole.Begins && Header is not null;

    /// <summary>The row's index in the table, by which operations are looked up.</summary>
    public int Index { get; private init; } = -1;

    private Permission Plain { get; init; }

    private Permission Versioned { get; init; }

    /// <summary>The permission that a request for this operation needs.</summary>
    /// <param name="versioned">Whether the request names a version.</param>
    public Permission Permission(bool versioned) => versioned ? Versioned : Plain;

    /// <summary>The row with its index and permissions.</summary>
    /// <exception cref="InvalidOperationException">The row names an unknown action.</exception>
    public S3Operation At(int index) => Action.Length == 0 ? this with { Index = index } : this with
    {
        Index = index,
        Plain = Routing.Permission.Of(Action, AwsAction),
        Versioned = Routing.Permission.Of(VersionAction ?? Action, AwsVersionAction ?? AwsAction),
    };

    public override string ToString() => Name;
}
