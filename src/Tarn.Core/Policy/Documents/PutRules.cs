using Tarn.Core.Errors;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>
/// What is refused of a policy when it is put, though it can be read: policies that were stored before there was such a rule are read
/// and decided by as they were.
/// </summary>
internal static class PutRules
{
    /// <summary>
    /// Steps that one decision by one policy may take: a quarter of what a request has, so that no policy that was accepted is out
    /// of steps for a request that asks a few times.
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
