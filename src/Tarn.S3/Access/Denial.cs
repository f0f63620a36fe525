using Tarn.Core.Access;

namespace Tarn.S3.Access;

/// <summary>Why a request was denied, for administrators only: the client gets only AccessDenied.</summary>
/// <param name="RequestId">As in the answer's <c>x-amz-request-id</c>.</param>
/// <param name="Time">When it was decided.</param>
/// <param name="Kind">The kind of rule that denied it.</param>
/// <param name="Reason">Sentences that say what was checked and what was missing.</param>
public sealed record Denial(string RequestId, DateTimeOffset Time, DenialKind Kind, string Reason)
{
    /// <summary>ARN of the requester; "anonymous" for an unsigned request; null when authentication failed.</summary>
    public string? Principal { get; init; }

    /// <summary>The access key id in the request; null for none.</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>The access key that the temporary credentials that signed were issued for; null for others.</summary>
    public string? ParentKey { get; init; }

    /// <summary>The operation's name in the Amazon S3 API Reference; null when there is none.</summary>
    public string? Operation { get; init; }

    /// <summary>The policy action that was needed, e.g. <c>s3:GetObject</c>.</summary>
    public string? Action { get; init; }

    /// <summary>ARN of the resource on which it was needed.</summary>
    public string? Resource { get; init; }

    /// <summary>Canonical user id of the organization that owns the resource; null when it has no owner or the owner is not known.</summary>
    public string? OwnerId { get; init; }

    /// <summary>Canonical user id of the requester's organization; null for an anonymous request.</summary>
    public string? RequesterId { get; init; }

    /// <summary>The user's id within it, as <see cref="Core.Identity.Principal.UserId"/>; null for an anonymous request.</summary>
    public string? UserId { get; init; }

    /// <summary>The decision by policies and ACLs; null when they were not evaluated.</summary>
    public AccessDecision? Decision { get; init; }

    /// <summary>For a signature that does not match: what the server computed the signature over.</summary>
    public SignatureEvidence? Signature { get; init; }
}

/// <summary>The kind of rule that denied a request.</summary>
public enum DenialKind
{
    /// <summary>No policy, list or ownership allowed it.</summary>
    NotAllowed,

    /// <summary>A statement of a policy of the bucket owner's organization denies it.</summary>
    OrganizationPolicy,

    /// <summary>A statement of a policy of the requester's organization, which does not own the bucket, denies it.</summary>
    RequesterPolicy,

    /// <summary>A statement of the bucket policy denies it.</summary>
    BucketPolicy,

    /// <summary>The policy of the requester's access key denies it or does not allow it.</summary>
    KeyPolicy,

    /// <summary>A policy of the requester's role denies it.</summary>
    RolePolicy,

    /// <summary>The policy of the requester's session denies it or does not allow it.</summary>
    SessionPolicy,

    /// <summary>The bucket blocks public access.</summary>
    PublicAccessBlock,

    /// <summary>The bucket's owner is not the one that the request expects.</summary>
    ExpectedOwner,

    /// <summary>Authentication failed.</summary>
    Signature,

    /// <summary>Anything else that was refused with status 403.</summary>
    Other,
}

/// <summary>What the server computed a signature over; holds no secret, and not the correct signature.</summary>
/// <param name="CanonicalRequest">As Signature Version 4 defines it.</param>
/// <param name="StringToSign">As Signature Version 4 defines it.</param>
/// <param name="Host">The Host header as it arrived: behind a proxy often not what was signed.</param>
public sealed record SignatureEvidence(string CanonicalRequest, string StringToSign, string Host);

/// <summary>What kinds of denials have in common.</summary>
public static class DenialKinds
{
    /// <summary>The kind of rule that a decision of policies and access control lists came from.</summary>
    public static DenialKind Of(AccessGround ground) => ground switch
    {
        AccessGround.OrganizationPolicy => DenialKind.OrganizationPolicy,
        AccessGround.RequesterPolicy => DenialKind.RequesterPolicy,
        AccessGround.RolePolicy => DenialKind.RolePolicy,
        AccessGround.SessionPolicy => DenialKind.SessionPolicy,
        AccessGround.KeyPolicy => DenialKind.KeyPolicy,
        AccessGround.BucketPolicy => DenialKind.BucketPolicy,
        AccessGround.PublicAccessBlock => DenialKind.PublicAccessBlock,
        _ => DenialKind.NotAllowed,
    };

    /// <summary>Whether what denied belongs to the requester's side: its organization, role, session or access key.</summary>
    public static bool IsOfRequester(DenialKind kind) => kind is DenialKind.RequesterPolicy or DenialKind.RolePolicy or DenialKind.SessionPolicy or DenialKind.KeyPolicy;
}
