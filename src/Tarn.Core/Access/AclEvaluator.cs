using Tarn.Core.Model;

namespace Tarn.Core.Access;

/// <summary>Decides by access control lists, for requests that policies neither allow nor explicitly deny.</summary>
internal static class AclEvaluator
{
    /// <summary>Decides by the list that the action depends on.</summary>
    /// <param name="refusal">The answer when no list allows the request: why policies do not allow it.</param>
    public static AccessDecision Decide(in AccessQuestion question, AccessDecision refusal)
    {
        AclRight right = RightOf(question);
        if (right.Permission == AclPermission.None || !question.Bucket.TakesAcls)
        {
            return refusal;
        }

        if ((right.OfObject ? question.ObjectAcl : question.Bucket.Acl) is not { } list)
        {
            return right.OfObject && OwnsObject(question) ? AccessDecision.Allow(AccessGround.AccessControlList) : refusal;
        }

        bool signed = question.Principal is not null;
        bool ignorePublic = question.Bucket.Block.IgnorePublicAcls;
        if (list.FindGrant(right.Permission, GranteeOf(question), signed, ignorePublic) is { } grant)
        {
            return AccessDecision.Allow(AccessGround.AccessControlList) with { Grant = grant };
        }

        return refusal.Ground == AccessGround.Nothing && ignorePublic
            && list.FindGrant(right.Permission, GranteeOf(question), signed, ignorePublic: false) is { } ignored
            ? AccessDecision.Deny(AccessGround.PublicAccessBlock) with { Grant = ignored }
            : refusal;
    }

    /// <summary>Where the two names of a permission differ, the permissions of lists are those that AWS ties to its own.</summary>
    public static AclRight RightOf(in AccessQuestion question) => AclRight.For(question.Alternative ?? question.Request.Action);

    /// <summary>An object without a list of its own is private to its owner.</summary>
    private static bool OwnsObject(in AccessQuestion question) =>
        question.ObjectOwnerId is { } owner && GranteeOf(question) is { } grantee && grantee == owner;

    /// <summary>
    /// A list names organizations. A grant to another organization applies to all of its users; but users of the bucket's own organization do not
    /// get full control by the grant that every list has for its owner. A workload that exchanged a token of its own is no member of its organization.
    /// </summary>
    private static string? GranteeOf(in AccessQuestion question) =>
        question.Principal is { IsWorkload: false } principal && (principal.IsRootUser || principal.OwnerId != question.BucketOwnerId) ? principal.OwnerId : null;
}
