using System.Runtime.CompilerServices;
using System.Text;
using Tarn.Core.Identity;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>The policies of temporary credentials, compiled once and kept as long as the credential is cached.</summary>
public sealed class SessionRules
{
    private static readonly ConditionalWeakTable<SessionGrant, SessionRules> Kept = [];

    private readonly IdentityPolicy[] _role;

    private SessionRules(IdentityPolicy[] role, IdentityPolicy? limit) => (_role, Limit) = (role, limit);

    /// <summary>The policy that whoever asked for the session gave; null: no limit.</summary>
    private IdentityPolicy? Limit { get; }

    /// <summary>The rules of a requester; null for one with permanent credentials, and for one whose session has no policies.</summary>
    public static SessionRules? Of(Principal? principal) =>
        principal?.Session is { HasPolicies: true } session ? Kept.GetValue(session, Compile) : null;

    /// <summary>Evaluates a request by the policies of the role: an explicit Deny, else an Allow, else no match.</summary>
    public PolicyVerdict EvaluateRole(in PolicyRequest request)
    {
        PolicyVerdict result = PolicyVerdict.NoMatch;
        foreach (IdentityPolicy policy in _role)
        {
            PolicyVerdict verdict = policy.Evaluate(request);
            if (verdict.Outcome == PolicyOutcome.ExplicitDeny)
            {
                return verdict;
            }

            if (result.Outcome == PolicyOutcome.NoMatch)
            {
                result = verdict;
            }
        }

        return result;
    }

    /// <summary>Whether the policies of the role could allow some request for the action.</summary>
    public bool RoleMightAllow(S3Action action) => Array.Exists(_role, policy => policy.MightAllow(action));

    /// <summary>Whether deciding on one of the actions may ask for the tags of the stored object.</summary>
    public static bool NeedsObjectTags(Principal? principal, S3Action action, S3Action? alternative) => Of(principal) is { } session
        && (session.NeedsObjectTags(action) || (alternative is { } other && session.NeedsObjectTags(other)));

    /// <summary>Whether the requester's session has no policy, or one that could allow one of the actions somewhere.</summary>
    public static bool MightAllow(in AccessQuestion question) => Of(question.Principal)?.Limit is not { } policy || PolicyLimit.MightAllow(policy, question);

    /// <summary>The denial by the policy of the requester's session; null when the session has none, or it allows the request.</summary>
    internal static AccessDecision? FindDenial(in AccessQuestion question) =>
        Of(question.Principal)?.Limit is { } policy ? PolicyLimit.FindDenial(policy, AccessGround.SessionPolicy, question) : null;

    private bool NeedsObjectTags(S3Action action) =>
        Limit?.NeedsObjectTags(action) == true || Array.Exists(_role, policy => policy.NeedsObjectTags(action));

    private static SessionRules Compile(SessionGrant session) => new(
        [.. session.RolePolicies.Select(static document => IdentityPolicy.Load(Encoding.UTF8.GetBytes(document)))],
        session.Policy is { } limit ? IdentityPolicy.Load(Encoding.UTF8.GetBytes(limit)) : null);
}
