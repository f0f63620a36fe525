using Tarn.Core.Errors;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>
/// Rules for policies that are being put. Policies stored before a rule existed are still read and evaluated.
/// </summary>
internal static class PutRules
{
    /// <summary>
    /// The maximum number of steps for one evaluation of a policy: a quarter of a request's budget, so that an accepted policy does not exhaust the budget of a
    /// request that needs a few decisions.
    /// </summary>
    public const long MaxSteps = DecisionScope.Steps / 4;

    /// <exception cref="S3Exception">MalformedPolicy, naming the statement.</exception>
    public static void ThrowIfBroken(IReadOnlyList<Statement> statements, string element)
    {
        long steps = 0;
        for (int i = 0; i < statements.Count; i++)
        {
            string where = $"{element}[{i}]";
            if (statements[i] is { IsDeny: false, Principals: UnlistedPrincipals })
            {
                throw PolicyRefusal.Because("Allow with NotPrincipal is not supported", where, "NotPrincipal");
            }

            steps += statements[i].Cost;
            if (steps > MaxSteps)
            {
                throw PolicyRefusal.Because("Policy has wildcards that take too long to match; use fewer question marks after an asterisk", where, "*");
            }
        }
    }
}
