namespace Tarn.Core.Identity;

/// <summary>Who a request acts as: the owner of what it creates and the subject of every policy decision. Null for an anonymous request.</summary>
/// <param name="OwnerId">Canonical user id of the organization: 64 lower-case hex digits.</param>
/// <param name="DisplayName">Name shown beside the canonical id in listings and ACLs.</param>
/// <param name="AccessKeyId">The access key that signed the request.</param>
public sealed record Principal(string OwnerId, string DisplayName, string AccessKeyId)
{
    /// <summary>
    /// The part of this server that delivers the logs of buckets, by the name that S3 gives it in policies. It never sends a request.
    /// Source: Amazon S3 User Guide, "Enabling Amazon S3 server access logging".
    /// </summary>
    public static Principal LogDelivery { get; } = new("", "", "") { ServiceName = "logging.s3.amazonaws.com" };

    /// <summary>The organization's id, which policies name: <c>aws:PrincipalOrgID</c> and the account of ARNs.</summary>
    public string OrganizationId { get; init; } = "";

    /// <summary>The user's name within the organization; null for the organization's root user.</summary>
    public string? UserName { get; init; }

    /// <summary>What <c>aws:userid</c> is: never used again, unlike a name. For a root user the organization's id.</summary>
    public string UserId { get; init; } = "";

    /// <summary>The groups that the user is in, which organization policies name.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>The only disk that the access key gives access to; null for a key of object buckets.</summary>
    public string? DiskScope { get; init; }

    /// <summary>
    /// Whether it was authenticated by a token of the control API instead of a signature: it may then only read disks of its organization.
    /// </summary>
    public bool HoldsToken { get; init; }

    /// <summary>The service's name in policies; null for a requester, which is never a service.</summary>
    public string? ServiceName { get; private init; }

    /// <summary>
    /// The policy of the access key, which limits what its requests may do of what its user may; null when the key has none. A credential that is derived from this principal
    /// must have it too.
    /// </summary>
    public KeyPolicy? KeyPolicy { get; init; }

    /// <summary>
    /// What policies name after <c>role/</c>: the name of a role, or <c>ISSUER:SUBJECT</c> of a workload that exchanged a token of its own. Null for
    /// users and root users.
    /// </summary>
    public string? Role { get; init; }

    /// <summary>The name of the session of a role; null without a role, and for a workload that exchanged a token of its own.</summary>
    public string? SessionName { get; init; }

    /// <summary>
    /// Whether it is a workload that exchanged a token of its own: it is trusted as far as policies name it, and no member of the organization to what allows something to all of its members.
    /// </summary>
    public bool IsWorkload => Role is not null && SessionName is null;

    /// <summary>What temporary credentials add to the requester: limits and claims; null for permanent credentials.</summary>
    public SessionGrant? Session { get; init; }

    /// <summary>Whether its credential has rules of its own, which may have conditions: a policy of its access key, or policies of its session.</summary>
    public bool HasOwnRules => KeyPolicy is not null || Session is { HasPolicies: true };

    /// <summary>Whether an access key authenticated it, or temporary credentials that were issued for it.</summary>
    public bool IsOfKey(string accessKeyId) => AccessKeyId == accessKeyId || Session?.ParentKey == accessKeyId;

    /// <summary>Whether it was authenticated by a permanent access key: neither by a token nor by temporary credentials.</summary>
    public bool HasPermanentKey => !HoldsToken && Session is null && Role is null;

    /// <summary>
    /// Whether it is the organization's root user without any limit, who may do everything in the organization's own buckets and administers it. Neither a key of the root user
    /// with a policy is, nor a session with one: see <see cref="IsRootUser"/>.
    /// </summary>
    public bool IsRoot => IsRootUser && KeyPolicy is null && Session?.Policy is null;

    /// <summary>
    /// Whether it is the organization's root user, whatever limits the access key and the session: for what policies and access control lists say about the root user. Rights are
    /// decided by <see cref="IsRoot"/>, except where those limits are evaluated as well.
    /// </summary>
    public bool IsRootUser => UserName is null && DiskScope is null && Role is null && ServiceName is null;

    /// <summary>
    /// <c>arn:aws:iam::ORGANIZATION:root</c>, <c>…:user/NAME</c> or <c>…:role/ISSUER:SUBJECT</c>; for the session of a role
    /// <c>arn:aws:sts::ORGANIZATION:assumed-role/ROLE/SESSION</c>.
    /// </summary>
    public string Arn => SessionName is null ? PolicyArn : $"arn:aws:sts::{OrganizationId}:assumed-role/{Role}/{SessionName}";

    /// <summary>The value of <c>aws:PrincipalArn</c>: of a session, its role's ARN.</summary>
    public string PolicyArn =>
        Role is not null ? $"arn:aws:iam::{OrganizationId}:role/{Role}"
        : UserName is null ? $"arn:aws:iam::{OrganizationId}:root"
        : $"arn:aws:iam::{OrganizationId}:user/{UserName}";
}
