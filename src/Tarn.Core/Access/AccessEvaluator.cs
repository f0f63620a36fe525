using Tarn.Core.Identity;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>
/// Decides whether a request is allowed, in this order: an explicit Deny anywhere; the owner's root user and its organization's policies, and those of a
/// role; the bucket policy; access control lists; otherwise denied. What that allows, the policies of the requester's key and session must allow too. A pure
/// function. docs/reference/access-control.md describes the order.
/// </summary>
public static class AccessEvaluator
{
    /// <summary>Decides whether a request is allowed, and on what ground.</summary>
    public static AccessDecision Decide(in AccessQuestion question)
    {
        AccessDecision unlimited = DecideUnlimited(question);

        // Also where nothing allows it: what is allowed in another way than by policies and lists, the policies of key and session must allow as well.
        return unlimited.IsExplicitDeny ? unlimited : KeyPolicies.FindDenial(question) ?? SessionRules.FindDenial(question) ?? unlimited;
    }

    /// <summary>Decides whatever the policies of the requester's key and session say.</summary>
    private static AccessDecision DecideUnlimited(in AccessQuestion question)
    {
        if (question.Principal?.DiskScope is not null)
        {
            // A disk's key gives access to its disk alone, even where a policy allows everyone.
            return AccessDecision.Deny(AccessGround.Nothing);
        }

        if (FindDenial(question) is { } denial)
        {
            return denial;
        }

        if (!Reaches(question))
        {
            return WithoutReach(question);
        }

        bool ofBucketOwner = question.ObjectOwnerId is null || question.ObjectOwnerId == question.BucketOwnerId;
        if (IsRootOf(question.Principal, question.ObjectOwnerId ?? question.BucketOwnerId))
        {
            return AccessDecision.Allow(AccessGround.Ownership);
        }

        AccessDecision byPolicy = ofBucketOwner ? ByPolicies(question) : AccessDecision.Deny(AccessGround.Nothing);
        if (byPolicy.Allowed)
        {
            return byPolicy;
        }

        return AclEvaluator.Decide(question, byPolicy);
    }

    /// <summary>
    /// Whether anything could allow the requester the action somewhere in the bucket. If not, the request is denied before its body is read; if so,
    /// it still has to be decided.
    /// </summary>
    public static bool MightAllow(in AccessQuestion question)
    {
        Principal? principal = question.Principal;
        bool sameOrganization = principal is not null && principal.OwnerId == question.BucketOwnerId;
        if (principal?.DiskScope is not null || !KeyPolicies.MightAllow(question) || !SessionRules.MightAllow(question))
        {
            return false;
        }

        SessionRules? session = SessionRules.Of(principal);

        // Where access control lists count, an object may have another owner, whose root user may do everything with it.
        if (principal is { IsRootUser: true } && (sameOrganization || question.Bucket.TakesAcls))
        {
            return true;
        }

        for (S3Action? action = question.Request.Action, next = question.Alternative; action is { } asked; action = next, next = null)
        {
            if ((sameOrganization && (question.OwnerPolicies.MightAllow(asked, principal) || session?.RoleMightAllow(asked) == true))
                || (question.Bucket.Policy is { } policy && policy.MightAllow(asked, principal)))
            {
                return true;
            }
        }

        return AclEvaluator.Decide(question, AccessDecision.Deny(AccessGround.Nothing)).Allowed;
    }

    private static bool IsRootOf(Principal? principal, string ownerId) => principal is { IsRootUser: true } && principal.OwnerId == ownerId;

    /// <summary>Whether a bucket policy or access control list can give the requester the action at all.</summary>
    private static bool Reaches(in AccessQuestion question) => ActionReach.Of(question.Request.Action) switch
    {
        Reach.OwnersOrganization => question.Principal is { } principal && principal.OwnerId == question.BucketOwnerId,
        Reach.Signed => question.Principal is not null,
        _ => true,
    };

    /// <summary>
    /// Distinguishes a requester whom the bucket policy allows an action that it cannot give from one whom it does not allow: S3 answers 405 to the
    /// former and 403 to the latter.
    /// </summary>
    private static AccessDecision WithoutReach(in AccessQuestion question)
    {
        bool restricted = question.Bucket.Block.RestrictPublicBuckets && question.Bucket.Policy is { IsPublic: true };
        for (S3Action? action = question.Request.Action, next = question.Alternative; action is { } asked; action = next, next = null)
        {
            if (!restricted && question.Bucket.Policy?.Evaluate(question.Request with { Action = asked }) is { Outcome: PolicyOutcome.Allow } verdict)
            {
                return new AccessDecision(false, AccessGround.OutOfReach, verdict);
            }
        }

        return AccessDecision.Deny(AccessGround.Nothing);
    }

    private static AccessDecision? FindDenial(in AccessQuestion question)
    {
        bool bucketPolicyCounts = BucketPolicyCounts(question);
        SessionRules? session = SessionRules.Of(question.Principal);
        for (S3Action? action = question.Request.Action, next = question.Alternative; action is { } asked; action = next, next = null)
        {
            PolicyRequest request = question.Request with { Action = asked };
            if (Denies(question.OwnerPolicies.Evaluate(request), AccessGround.OrganizationPolicy) is { } byOwner)
            {
                return byOwner;
            }

            if (question.RequesterPolicies is { } own && Denies(own.Evaluate(request), AccessGround.RequesterPolicy) is { } byOwn)
            {
                return byOwn;
            }

            if (session is not null && Denies(session.EvaluateRole(request), AccessGround.RolePolicy) is { } byRole)
            {
                return byRole;
            }

            if (bucketPolicyCounts && question.Bucket.Policy is { } policy && Denies(policy.Evaluate(request), AccessGround.BucketPolicy) is { } byBucket)
            {
                return byBucket;
            }
        }

        return null;
    }

    private static AccessDecision? Denies(PolicyVerdict verdict, AccessGround ground) =>
        verdict.Outcome == PolicyOutcome.ExplicitDeny ? new AccessDecision(false, ground, verdict) : null;

    /// <summary>
    /// A bucket policy does not decide who may replace it, and cannot keep the owner's root user from reading and deleting it: otherwise a mistake
    /// in it could lock everybody out.
    /// </summary>
    internal static bool BucketPolicyCounts(in AccessQuestion question) => question.Request.Action switch
    {
        S3Action.PutBucketPolicy => false,
        S3Action.GetBucketPolicy or S3Action.DeleteBucketPolicy => !IsRootOf(question.Principal, question.BucketOwnerId),
        _ => true,
    };

    /// <summary>A workload is no member of the organization that trusts its issuer. As one counts only a workload that the bucket policy itself allows it by name.</summary>
    private static bool IsNamed(BucketPolicy policy, in PolicyRequest request) =>
        policy.Evaluate(request with { NamesPrincipal = true }).Outcome == PolicyOutcome.Allow;

    private static AccessDecision ByPolicies(in AccessQuestion question)
    {
        bool sameOrganization = question.Principal is { } principal && principal.OwnerId == question.BucketOwnerId;
        SessionRules? session = sameOrganization ? SessionRules.Of(question.Principal) : null;
        AccessDecision refusal = AccessDecision.Deny(AccessGround.Nothing);
        for (S3Action? action = question.Request.Action, next = question.Alternative; action is { } asked; action = next, next = null)
        {
            PolicyRequest request = question.Request with { Action = asked };
            if (sameOrganization && question.OwnerPolicies.Evaluate(request) is { Outcome: PolicyOutcome.Allow } allowed)
            {
                return new AccessDecision(true, AccessGround.OrganizationPolicy, allowed);
            }

            if (session?.EvaluateRole(request) is { Outcome: PolicyOutcome.Allow } byRole)
            {
                return new AccessDecision(true, AccessGround.RolePolicy, byRole);
            }

            if (BucketPolicyCounts(question) && question.Bucket.Policy is { } policy
                && policy.Evaluate(request) is { Outcome: PolicyOutcome.Allow } verdict)
            {
                if (policy.PutWithoutPermission && ActionReach.Publishes(asked))
                {
                    refusal = new AccessDecision(false, AccessGround.FirstPolicy, verdict);
                    continue;
                }

                bool isMember = sameOrganization && (question.Principal is { IsWorkload: false } || IsNamed(policy, request));
                if (!isMember && ActionReach.Of(question.Request.Action) == Reach.OwnersOrganization)
                {
                    refusal = new AccessDecision(false, AccessGround.OutOfReach, verdict);
                    continue;
                }

                if (isMember || !question.Bucket.Block.RestrictPublicBuckets || !policy.IsPublic)
                {
                    return new AccessDecision(true, AccessGround.BucketPolicy, verdict);
                }

                refusal = new AccessDecision(false, AccessGround.PublicAccessBlock, verdict);
            }
        }

        // A role has what its policies and those that name it say: whoever created it did not mean it to give itself a bucket.
        return question.Request.Action == S3Action.PutBucketPolicy && question.Bucket.Policy is null && sameOrganization && question.Principal is { Role: null }
            ? AccessDecision.Allow(AccessGround.FirstPolicy)
            : refusal;
    }
}
