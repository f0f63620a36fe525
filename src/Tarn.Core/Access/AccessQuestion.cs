using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>Everything that a decision on access depends on.</summary>
public readonly record struct AccessQuestion
{
    /// <summary>The action, the requester and the resource.</summary>
    public required PolicyRequest Request { get; init; }

    /// <summary>A second action for the same permission, where AWS uses another name: allowing either allows, denying either denies.</summary>
    public S3Action? Alternative { get; init; }

    /// <summary>Canonical user id of the bucket's owner; for ListBuckets and CreateBucket, of the requester.</summary>
    public required string BucketOwnerId { get; init; }

    /// <summary>Canonical user id of the object's owner; null: the bucket's owner.</summary>
    public string? ObjectOwnerId { get; init; }

    /// <summary>The bucket's own settings: its policy, access control list, object ownership and public access block.</summary>
    public required BucketAccess Bucket { get; init; }

    /// <summary>The object's access control list; null when the object is private to its owner or does not exist.</summary>
    public AccessControlList? ObjectAcl { get; init; }

    /// <summary>The policies of the bucket owner's organization.</summary>
    public required OrganizationPolicies OwnerPolicies { get; init; }

    /// <summary>The policies of the requester's organization, when it is another: they can only deny.</summary>
    public OrganizationPolicies? RequesterPolicies { get; init; }

    /// <summary>The requester; null for an anonymous request.</summary>
    public Principal? Principal => Request.Principal;
}

/// <summary>What decided.</summary>
public enum AccessGround : byte
{
    /// <summary>Nothing allows it.</summary>
    Nothing,

    /// <summary>The root user of the owner may do everything.</summary>
    Ownership,

    /// <summary>A policy of the bucket owner's organization.</summary>
    OrganizationPolicy,

    /// <summary>A policy of the requester's organization, when that is not the bucket owner's: it can only deny.</summary>
    RequesterPolicy,

    /// <summary>The bucket policy.</summary>
    BucketPolicy,

    /// <summary>The access control list of the object or of the bucket.</summary>
    AccessControlList,

    /// <summary>
    /// The bucket policy would allow it, but is public and the bucket has RestrictPublicBuckets; or a list would, by a public grant, but the bucket
    /// has IgnorePublicAcls.
    /// </summary>
    PublicAccessBlock,

    /// <summary>The bucket policy would allow it, but no bucket policy can give the action to this requester: <see cref="ActionReach"/>.</summary>
    OutOfReach,

    /// <summary>The bucket's list lets the requester write, but not replace or delete another owner's object.</summary>
    ForeignObject,

    /// <summary>
    /// Any user of the organization may put a bucket's first policy; such a policy cannot grant actions that publish what is in the bucket.
    /// </summary>
    FirstPolicy,

    /// <summary>A policy of the requester's role.</summary>
    RolePolicy,

    /// <summary>The policy of the requester's access key denies it or does not allow it, whatever its user may do.</summary>
    KeyPolicy,

    /// <summary>The policy of the requester's session denies it or does not allow it, whatever its role or user may do.</summary>
    SessionPolicy,
}

/// <summary>Whether a request may do something, and why.</summary>
/// <param name="Allowed">The decision.</param>
/// <param name="Ground">What decided.</param>
/// <param name="Verdict">The verdict of the policy that decided, if one did.</param>
public readonly record struct AccessDecision(bool Allowed, AccessGround Ground, PolicyVerdict Verdict)
{
    /// <summary>The grant that decided, or would have but for the public access block; null when none did.</summary>
    public Grant? Grant { get; init; }

    /// <summary>Whether a policy denies the request explicitly, so that nothing else can allow it.</summary>
    public bool IsExplicitDeny => Verdict.Outcome == PolicyOutcome.ExplicitDeny;

    /// <summary>Whether nothing else can allow the request: a policy denies it explicitly, or that of the requester's key or session does not allow it.</summary>
    public bool IsFinal => IsExplicitDeny || Ground is AccessGround.KeyPolicy or AccessGround.SessionPolicy;

    /// <summary>Allows on a ground that is not a policy.</summary>
    public static AccessDecision Allow(AccessGround ground) => new(true, ground, PolicyVerdict.NoMatch);

    /// <summary>Denies on a ground that is not a policy.</summary>
    public static AccessDecision Deny(AccessGround ground) => new(false, ground, PolicyVerdict.NoMatch);
}
