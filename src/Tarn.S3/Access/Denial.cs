using Tarn.Core.Access;

namespace Tarn.S3.Access;

/// <summary>Why a request was denied, for administrators only: the answer itself says no more than AccessDenied.</summary>
/// <param name="RequestId">As in the answer's <c>x-amz-request-id</c>.</param>
/// <param name="Time">When it was decided.</param>
/// <param name="Kind">What denied it.</param>
/// <param name="Principal">ARN of who asked; "anonymous" for nobody; null when the request did not prove who sent it.</param>
/// <param name="AccessKeyId">The access key id that the request named; null for none.</param>
/// <param name="Operation">The operation's name in the Amazon S3 API Reference.</param>
/// <param name="Reason">Sentences that say what was looked at and what was missing.</param>
public sealed record Denial(
    string RequestId, DateTimeOffset Time, DenialKind Kind, string? Principal, string? AccessKeyId, string? Operation, string Reason)
{
    /// <summary>The policy action that was needed, e.g. <c>s3:GetObject</c>.</summary>
    public string? Action { get; init; }

    /// <summary>ARN of what it was needed on.</summary>
    public string? Resource { get; init; }

    /// <summary>Canonical user id of the organization that owns that; null when it is nobody's, or not known.</summary>
    public string? OwnerId { get; init; }

    /// <summary>Canonical user id of the requester's organization; null for nobody.</summary>
    public string? RequesterId { get; init; }

    /// <summary>What policies and lists decided; null when they were not asked.</summary>
    public AccessDecision? Decision { get; init; }

    /// <summary>For a signature that does not match: what the server saw to be signed.</summary>
    public SignatureEvidence? Signature { get; init; }
}

/// <summary>What denied a request.</summary>
public enum DenialKind
{
    /// <summary>No policy, list or ownership allowed it.</summary>
    NotAllowed,

    /// <summary>A statement of a policy of the bucket owner's organization denies it.</summary>
    OrganizationPolicy,

    /// <summary>A statement of a policy of the requester's organization denies it, which is not the bucket owner's.</summary>
    RequesterPolicy,

    /// <summary>A statement of the bucket policy denies it.</summary>
    BucketPolicy,

    /// <summary>The bucket blocks public access.</summary>
    PublicAccessBlock,

    /// <summary>The bucket's owner is not whom the request expects.</summary>
    ExpectedOwner,

    /// <summary>The request does not prove who sent it.</summary>
    Signature,

    /// <summary>Anything else that was refused with status 403.</summary>
    Other,
}

/// <summary>What the server saw to be signed; no secret, and not the right signature.</summary>
/// <param name="CanonicalRequest">As Signature Version 4 defines it.</param>
/// <param name="StringToSign">As Signature Version 4 defines it.</param>
/// <param name="Host">The Host header as it arrived: behind a proxy often not what was signed.</param>
public sealed record SignatureEvidence(string CanonicalRequest, string StringToSign, string Host);
