using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>All that is known when it is decided whether a request may do something.</summary>
public readonly record struct AccessQuestion
{
    /// <summary>What is asked, by whom, of what.</summary>
    public required PolicyRequest Request { get; init; }

    /// <summary>Another action that gives the same permission, where AWS calls it otherwise: permitting either permits, denying either denies.</summary>
    public S3Action? Alternative { get; init; }

    /// <summary>Canonical user id of the bucket's owner; for a listing of buckets, and for one to be made, of the requester.</summary>
    public required string BucketOwnerId { get; init; }

    /// <summary>The owner of the object, where it may be another than the bucket's; null: the bucket's.</summary>
    public string? ObjectOwnerId { get; init; }

    /// <summary>The bucket's own settings: its policy, access control list, object ownership and public access block.</summary>
    public required BucketAccess Bucket { get; init; }

    /// <summary>The object's list; null when its owner alone may do anything, or there is no such object.</summary>
    public AccessControlList? ObjectAcl { get; init; }

    /// <summary>The policies of the bucket owner's organization.</summary>
    public required OrganizationPolicies OwnerPolicies { get; init; }

    /// <summary>Those of the requester's, when that is another: they can only deny.</summary>
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

    /// <summary>A policy of the requester's organization, when that is another than the bucket owner's: it can only deny.</summary>
    RequesterPolicy,

    /// <summary>The bucket policy.</summary>
    BucketPolicy,

    /// <summary>The access control list of the object or of the bucket.</summary>
    AccessControlList,

    /// <summary>
    /// The bucket policy would allow it, but it is public and the bucket restricts what public policies give; or a list would, but by
    /// a grant to the world, which the bucket ignores.
    /// </summary>
    PublicAccessBlock,

    /// <summary>The bucket policy would allow it, but no policy can give it to this requester: <see cref="ActionReach"/>.</summary>
    OutOfReach,

    /// <summary>The bucket's list lets the requester write, but not over what another owner has there.</summary>
    ForeignObject,

    /// <summary>
    /// A bucket without a policy takes its first from anybody of its organization, and that one gives nobody the means to publish.
    /// </summary>
    FirstPolicy,
}

/// <summary>Whether a request may do something, and why.</summary>
/// <param name="Allowed">The decision.</param>
/// <param name="Ground">What decided.</param>
/// <param name="Verdict">Of the policy that decided, if one did.</param>
public readonly record struct AccessDecision(bool Allowed, AccessGround Ground, PolicyVerdict Verdict)
{
    /// <summary>The line of the list that decided, or would have but for the public access block; null when none did.</summary>
    public Grant? Grant { get; init; }

    /// <summary>Whether a policy denies the request explicitly, so that nothing else can allow it.</summary>
    public bool IsExplicitDeny => Verdict.Outcome == PolicyOutcome.ExplicitDeny;

    /// <summary>Allows on a ground that is not a policy.</summary>
    public static AccessDecision Allow(AccessGround ground) => new(true, ground, PolicyVerdict.NoMatch);

    /// <summary>Denies on a ground that is not a policy.</summary>
    public static AccessDecision Deny(AccessGround ground) => new(false, ground, PolicyVerdict.NoMatch);
}
