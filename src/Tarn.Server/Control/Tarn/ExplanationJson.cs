using System.Text.Json;
using Tarn.Core.Access;
using Tarn.Core.Policy;
using Tarn.S3.Access;

namespace Tarn.Server.Control.Tarn;

/// <summary>What is to be explained: a denied request by its id, or else a principal, an action and a resource.</summary>
internal sealed record ExplainBody
{
    public string? RequestId { get; init; }

    public string? Principal { get; init; }

    public string? Action { get; init; }

    public string? Resource { get; init; }

    public string? VersionId { get; init; }

    /// <summary>Condition keys, each with a text or a list of texts.</summary>
    public Dictionary<string, JsonElement>? Context { get; init; }
}

/// <summary>A decision and what made it.</summary>
internal sealed record ExplanationView
{
    /// <summary><c>allowed</c> or <c>denied</c>.</summary>
    public required string Decision { get; init; }

    /// <summary>What decided: <see cref="NameOf(AccessGround)"/>, <see cref="NameOf(DenialKind)"/>.</summary>
    public required string By { get; init; }

    /// <summary>Sentences for people.</summary>
    public required string Reason { get; init; }

    /// <summary>The organization policy that decided; of a bucket policy its Id.</summary>
    public string? Policy { get; init; }

    /// <summary>The statement's Sid or name.</summary>
    public string? Statement { get; init; }

    /// <summary>The statement's place in its policy, from 0.</summary>
    public int? StatementIndex { get; init; }

    public GrantView? Grant { get; init; }

    /// <summary>ARN, or <c>anonymous</c>; absent when a request did not prove who sent it.</summary>
    public string? Principal { get; init; }

    public string? Action { get; init; }

    public string? Resource { get; init; }

    /// <summary>The condition keys that policies asked for, and what they got.</summary>
    public IReadOnlyDictionary<string, string?>? Context { get; init; }

    public string? RequestId { get; init; }

    public DateTime? Time { get; init; }

    public string? Operation { get; init; }

    public string? AccessKey { get; init; }

    public SignatureView? Signature { get; init; }

    /// <summary>Adds what policies and lists decided.</summary>
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

    /// <summary>The same without what those who do not administer the requester's organization may not know of its policies.</summary>
    public ExplanationView WithoutPolicy() => this with
    {
        Reason = AccessReason.Withheld, Policy = null, Statement = null, StatementIndex = null, Context = null,
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
        _ => "nothing",
    };

    public static string NameOf(DenialKind kind) => kind switch
    {
        DenialKind.NotAllowed => "nothing",
        DenialKind.OrganizationPolicy => "organizationPolicy",
        DenialKind.RequesterPolicy => "requesterPolicy",
        DenialKind.BucketPolicy => "bucketPolicy",
        DenialKind.PublicAccessBlock => "publicAccessBlock",
        DenialKind.ExpectedOwner => "expectedOwner",
        DenialKind.Signature => "signature",
        _ => "other",
    };
}

/// <param name="Grantee">Canonical user id, or the URI of a group.</param>
/// <param name="Permission">As in the XML of lists.</param>
internal sealed record GrantView(string Grantee, string Permission);

/// <summary>What the server saw to be signed.</summary>
internal sealed record SignatureView(string CanonicalRequest, string StringToSign, string Host);
