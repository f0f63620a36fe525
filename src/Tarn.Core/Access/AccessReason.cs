using System.Globalization;
using System.Text;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy;

namespace Tarn.Core.Access;

/// <summary>Explains a decision of <see cref="AccessEvaluator"/> in words. It decides nothing itself.</summary>
public static class AccessReason
{
    /// <summary>
    /// The explanation of <see cref="AccessGround.RequesterPolicy"/> for everyone who does not administer the requester's organization.
    /// </summary>
    public const string Withheld = "A policy of the requester's own organization denies it. Its administrators may ask which.";

    /// <summary>
    /// The explanation of <see cref="AccessGround.KeyPolicy"/> for everyone but the requester and the administrators of its organization.
    /// </summary>
    public const string WithheldOfKey = "The policy of the requester's access key does not allow it.";

    /// <summary>The explanation of <see cref="AccessGround.RolePolicy"/> for everyone who does not administer the requester's organization.</summary>
    public const string WithheldOfRole = "A policy of the requester's role denies it. The administrators of its organization may ask which.";

    /// <summary>
    /// The explanation of <see cref="AccessGround.SessionPolicy"/> for everyone but the requester and the administrators of its organization.
    /// </summary>
    public const string WithheldOfSession = "The policy of the requester's session does not allow it.";

    /// <summary>One or more sentences, for administrators of the bucket's owner.</summary>
    /// <param name="question">The question.</param>
    /// <param name="decision">The decision of <see cref="AccessEvaluator.Decide"/>.</param>
    public static string Of(in AccessQuestion question, AccessDecision decision) => decision.Ground switch
    {
        AccessGround.Ownership => "The root user of an organization may do everything with what the organization owns.",
        AccessGround.OrganizationPolicy =>
            $"{Statement(decision.Verdict)} of the organization policy \"{decision.Verdict.Policy}\" {Verb(decision)} it.",
        AccessGround.RequesterPolicy =>
            $"{Statement(decision.Verdict)} of the organization policy \"{decision.Verdict.Policy}\" of the requester's own organization denies it.",
        AccessGround.BucketPolicy => $"{Statement(decision.Verdict)} of the bucket policy {Verb(decision)} it.",
        AccessGround.AccessControlList when decision.Grant is { } grant => $"{List(question)} grants {Show(grant)}.",
        AccessGround.AccessControlList => "The object belongs to the requester's organization.",
        AccessGround.RolePolicy => $"{Statement(decision.Verdict)} of a policy of the role {question.Principal?.Role} {Verb(decision)} it.",
        AccessGround.SessionPolicy when decision.IsExplicitDeny => $"{Statement(decision.Verdict)} of the session's own policy denies it.",
        AccessGround.SessionPolicy => "The session was issued with a policy of its own, which does not allow it.",
        AccessGround.PublicAccessBlock when decision.Grant is { } grant =>
            $"{List(question)} grants {Show(grant)}, but the bucket's public access block has IgnorePublicAcls.",
        AccessGround.PublicAccessBlock =>
            $"{Statement(decision.Verdict)} of the bucket policy would allow it, but the policy is public and the bucket's public access "
            + "block has RestrictPublicBuckets, which keeps it to the owner's organization.",
        AccessGround.OutOfReach =>
            $"{Statement(decision.Verdict)} of the bucket policy would allow it, but "
            + (ActionReach.Of(question.Request.Action) == Reach.OwnersOrganization
                ? "the action is reserved to the organization that owns the bucket."
                : "the action is closed to anonymous requests."),
        AccessGround.ForeignObject =>
            "The bucket's access control list lets the requester create objects, but what is there belongs to another: only its owner and the bucket's may replace or delete it.",
        AccessGround.FirstPolicy when decision.Allowed =>
            "The bucket has no policy yet: any user of the owner's organization may put the first one, if it allows nothing to others than the organization's own users.",
        AccessGround.FirstPolicy =>
            $"{Statement(decision.Verdict)} of the bucket policy would allow it, but a user put that policy without permission to, as the bucket's first: "
            + "such a policy cannot grant actions that publish what is in the bucket.",
        AccessGround.KeyPolicy when decision.IsExplicitDeny => $"{Statement(decision.Verdict)} of the policy of the access key denies it.",
        AccessGround.KeyPolicy => "The policy of the access key does not allow it, whatever its user may do.",
        _ => Nothing(question),
    };

    private static string Verb(AccessDecision decision) => decision.Allowed ? "allows" : "denies";

    private static string Statement(PolicyVerdict verdict)
    {
        string number = (verdict.Statement + 1).ToString(CultureInfo.InvariantCulture);
        return verdict.Sid is null ? $"Statement number {number}" : $"Statement \"{verdict.Sid}\" (number {number})";
    }

    private static string List(in AccessQuestion question) =>
        AclEvaluator.RightOf(question).OfObject ? "The object's access control list" : "The bucket's access control list";

    private static string Show(Grant grant) => $"{PermissionName(grant.Permission)} to {GranteeName(grant.Grantee)}";

    /// <summary>As in the XML of lists: <c>READ</c>, <c>FULL_CONTROL</c>.</summary>
    public static string PermissionName(AclPermission permission) => string.Join(", ", AclPermissionNames.Of(permission));

    private static string GranteeName(Grantee grantee) => grantee.Kind switch
    {
        GranteeKind.AllUsers => "everyone",
        GranteeKind.AuthenticatedUsers => "every authenticated user",
        _ => grantee.Id,
    };

    private static string Nothing(in AccessQuestion question)
    {
        if (question.Principal?.DiskScope is { } disk)
        {
            return $"The access key belongs to {disk} and opens nothing else.";
        }

        if (question.ObjectOwnerId is { } owner && owner != question.BucketOwnerId)
        {
            return $"The object belongs to another organization than the bucket ({owner}). Its access control list alone could allow it, and does not.";
        }

        var text = new StringBuilder("Nothing allows it.");
        Principal? principal = question.Principal;
        bool sameOrganization = principal is not null && principal.OwnerId == question.BucketOwnerId;
        if (sameOrganization)
        {
            text.Append(question.OwnerPolicies.Policies.Count == 0
                ? $" The organization {principal!.OrganizationId} has no policies."
                : $" No policy of the organization {principal!.OrganizationId} does.");
            if (principal.Session is { RolePolicies.Count: > 0 })
            {
                text.Append(" No policy of the role does.");
            }
        }

        if (question.Bucket.Policy is null)
        {
            text.Append(" The bucket has no policy.");
        }
        else
        {
            text.Append(AccessEvaluator.BucketPolicyCounts(question)
                ? " No statement of the bucket policy does."
                : " The bucket policy does not decide who may replace it.");
        }

        if (!question.Bucket.TakesAcls)
        {
            text.Append(" Access control lists do not count: the bucket has the object ownership BucketOwnerEnforced.");
        }
        else if (AclEvaluator.RightOf(question) is { Permission: not AclPermission.None and var permission })
        {
            text.Append($" {List(question)} does not grant {PermissionName(permission)} to the requester.");
        }
        else
        {
            text.Append(" No access control list can.");
        }

        return text.ToString();
    }
}
