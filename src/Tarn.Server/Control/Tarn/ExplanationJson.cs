using System.Text.Json;
using Tarn.Core.Access;
using Tarn.Core.Policy;
using Tarn.S3.Access;

namespace Tarn.Server.Control.Tarn;

/// <summary>What to explain: a denied request by its id, or else a principal, an action and a resource.</summary>
internal sealed record ExplainBody
{
    /// <summary>The x-amz-request-id of one of the latest 1,000 requests that were denied. Nothing else may come with it.</summary>
    public string? RequestId { get; init; }

    /// <summary>An ARN, ORG for its root user, ORG/USER, an access key id, or anonymous.</summary>
    public string? Principal { get; init; }

    /// <summary>As policies name it: s3:GetObject.</summary>
    public string? Action { get; init; }

    /// <summary>arn:aws:s3:::BUCKET/KEY or BUCKET/KEY; without a key the bucket; null for s3:ListAllMyBuckets.</summary>
    public string? Resource { get; init; }

    /// <summary>The version that the request names.</summary>
    public string? VersionId { get; init; }

    /// <summary>Condition keys, each with a text or a list of texts. A key that is not here is absent.</summary>
    public Dictionary<string, JsonElement>? Context { get; init; }
}

/// <summary>A decision and its reason.</summary>
internal sealed record ExplanationView
{
    /// <summary><c>allowed</c> or <c>denied</c>.</summary>
    public required string Decision { get; init; }

    /// <summary>What decided; the reference of this API lists the names.</summary>
    public required string By { get; init; }

    /// <summary>Why, in sentences.</summary>
    public required string Reason { get; init; }

    /// <summary>The name of the organization policy that decided, or the Id of the bucket policy.</summary>
    public string? Policy { get; init; }

    /// <summary>The statement's Sid or name.</summary>
    public string? Statement { get; init; }

    /// <summary>The statement's position in its policy, from 0.</summary>
    public int? StatementIndex { get; init; }

    /// <summary>The grant that decided.</summary>
    public GrantView? Grant { get; init; }

    /// <summary>ARN, or <c>anonymous</c>; absent if the request does not prove who sent it.</summary>
    public string? Principal { get; init; }

    /// <summary>The action of the decision.</summary>
    public string? Action { get; init; }

    /// <summary>The resource of the decision.</summary>
    public string? Resource { get; init; }

    /// <summary>The condition keys that policies looked up, and their values.</summary>
    public IReadOnlyDictionary<string, string?>? Context { get; init; }

    /// <summary>The x-amz-request-id of the request that was denied.</summary>
    public string? RequestId { get; init; }

    /// <summary>When it was denied.</summary>
    public DateTime? Time { get; init; }

    /// <summary>Its operation.</summary>
    public string? Operation { get; init; }

    /// <summary>The access key id that it named.</summary>
    public string? AccessKey { get; init; }

    /// <summary>What the signature should have covered, if it did not match.</summary>
    public SignatureView? Signature { get; init; }

    /// <summary>Adds the decision of policies and access control lists.</summary>
    public ExplanationView With(AccessDecision decision)
    {
        PolicyVerdict verdict = decision.Verdict;
        bool decided = verdict.Outcome != PolicyOutcome.NoMatch;
        return this with
        {
            Policy = verdict.Policy,
            Statement = verdict.Sid,
            StatementIndex = decided ? verdict.Statement : null,
            Grant = decision.Grant is { } grant
                ? new GrantView(grant.Grantee.Uri ?? grant.Grantee.Id, AccessReason.PermissionName(grant.Permission))
                : null,
        };
    }

    /// <summary>Removes what only the requester's side may see of its policies: those of its organization, role, session and key.</summary>
    public ExplanationView WithoutPolicy(DenialKind kind) => this with
    {
        Reason = Withheld(kind), Policy = null, Statement = null, StatementIndex = null, Context = null,
    };

    /// <summary>Leaves what who was denied may know: the kind of rule, without what policies and access control lists say and what they looked up.</summary>
    public ExplanationView ForRequester(DenialKind kind) => this with
    {
        Reason = kind switch
        {
            DenialKind.NotAllowed => "Nothing allows it to the requester.",
            DenialKind.OrganizationPolicy => "A policy of the organization denies it.",
            DenialKind.RequesterPolicy or DenialKind.RolePolicy or DenialKind.SessionPolicy or DenialKind.KeyPolicy => Withheld(kind),
            DenialKind.BucketPolicy => "The bucket policy denies it.",
            DenialKind.PublicAccessBlock => "The bucket blocks public access.",
            DenialKind.ExpectedOwner => "The owner is not the one that the request expects.",
            // The message of the answer.
            _ => Reason,
        },
        Policy = null,
        Statement = null,
        StatementIndex = null,
        Grant = null,
        Context = null,
    };

    private static string Withheld(DenialKind kind) => kind switch
    {
        DenialKind.KeyPolicy => AccessReason.WithheldOfKey,
        DenialKind.SessionPolicy => AccessReason.WithheldOfSession,
        DenialKind.RolePolicy => AccessReason.WithheldOfRole,
        _ => AccessReason.Withheld,
    };

    public static string NameOf(AccessGround ground) => ground switch
    {
        AccessGround.Ownership => "ownership",
        AccessGround.OrganizationPolicy => "organizationPolicy",
        AccessGround.RequesterPolicy => "requesterPolicy",
        AccessGround.BucketPolicy => "bucketPolicy",
        AccessGround.AccessControlList => "accessControlList",
        AccessGround.PublicAccessBlock => "publicAccessBlock",
        AccessGround.OutOfReach => "outOfReach",
        AccessGround.ForeignObject => "foreignObject",
        AccessGround.FirstPolicy => "firstPolicy",
        AccessGround.RolePolicy => "rolePolicy",
        AccessGround.KeyPolicy => "keyPolicy",
        AccessGround.SessionPolicy => "sessionPolicy",
        _ => "nothing",
    };

    public static string NameOf(DenialKind kind) => kind switch
    {
        DenialKind.NotAllowed => "nothing",
        DenialKind.OrganizationPolicy => "organizationPolicy",
        DenialKind.RequesterPolicy => "requesterPolicy",
        DenialKind.BucketPolicy => "bucketPolicy",
        DenialKind.KeyPolicy => "keyPolicy",
        DenialKind.RolePolicy => "rolePolicy",
        DenialKind.SessionPolicy => "sessionPolicy",
        DenialKind.PublicAccessBlock => "publicAccessBlock",
        DenialKind.ExpectedOwner => "expectedOwner",
        DenialKind.Signature => "signature",
        _ => "other",
    };
}

/// <summary>A grant of an access control list.</summary>
/// <param name="Grantee">Canonical user id, or the URI of a group.</param>
/// <param name="Permission">As in the XML of access control lists.</param>
internal sealed record GrantView(string Grantee, string Permission);

/// <summary>What the signature should have covered, as the server received it.</summary>
/// <param name="CanonicalRequest">The canonical request.</param>
/// <param name="StringToSign">The string to sign.</param>
/// <param name="Host">The host that the request was sent to.</param>
internal sealed record SignatureView(string CanonicalRequest, string StringToSign, string Host);
