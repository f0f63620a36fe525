using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>Evaluates policies that limit: what they do not allow is denied, whatever else allows it.</summary>
internal static class PolicyLimit
{
    /// <summary>Whether the policy could allow one of the actions of the question somewhere.</summary>
    public static bool MightAllow(IdentityPolicy policy, in AccessQuestion question) =>
        policy.MightAllow(question.Request.Action) || (question.Alternative is { } alternative && policy.MightAllow(alternative));

    /// <summary>The denial by the policy; null when it allows the request.</summary>
    public static AccessDecision? FindDenial(IdentityPolicy policy, AccessGround ground, in AccessQuestion question)
    {
        bool allowed = false;
        for (S3Action? action = question.Request.Action, next = question.Alternative; action is { } asked; action = next, next = null)
        {
            PolicyVerdict verdict = policy.Evaluate(question.Request with { Action = asked });
            if (verdict.Outcome == PolicyOutcome.ExplicitDeny)
            {
                return new AccessDecision(false, ground, verdict);
            }

            allowed |= verdict.Outcome == PolicyOutcome.Allow;
        }

        return allowed ? null : AccessDecision.Deny(ground);
    }
}
