using System.Runtime.CompilerServices;
using Tarn.Core.Identity;

namespace Tarn.Core.Policy.Decisions;

/// <summary>The statements of one policy. Any that denies decides; else any that allows.</summary>
internal sealed class StatementList(Statement[] statements)
{
    /// <summary>Enough for every key that S3 knows; longer names, of disks, take a rented array.</summary>
    private const int StackBytes = 1152;

    private readonly ActionSet _tagged = statements
        .Where(statement => statement.Asks(ConditionKey.ExistingObjectTag))
        .Aggregate(default(ActionSet), (set, statement) => set | statement.Actions);

    public IReadOnlyList<Statement> Statements => statements;

    /// <summary>Every principal that a statement names, without duplicates.</summary>
    public IReadOnlyList<PolicyPrincipal> Named => [.. statements.SelectMany(static statement => statement.Principals.Named).Distinct()];

    public bool NeedsObjectTags(S3Action action) => _tagged.Contains(action);

    /// <summary>Whether some request of the principal for the action could be allowed, whatever its resource and conditions.</summary>
    public bool MightAllow(S3Action action, Principal? principal) => Array.Exists(
        statements, statement => !statement.IsDeny && statement.Actions.Contains(action) && statement.Principals.Matches(principal));

    /// <summary>A list whose one statement denies everything to everyone.</summary>
    public static StatementList DenyAll(string sid) => new(
    [
        new Statement
        {
            Sid = sid,
            IsDeny = true,
            Actions = ActionSet.All,
            Principals = new ListedPrincipals(new NamedPrincipals { Everyone = true }, deny: true),
            Resources = new ResourceTest([], negated: true),
            Conditions = [],
        },
    ]);

    [SkipLocalsInit]
    public PolicyVerdict Evaluate(in PolicyRequest request, string? policy)
    {
        var resource = new Utf8Buffer(stackalloc byte[StackBytes]);
        resource.Append(request.Bucket);
        if (!request.Key.IsEmpty)
        {
            resource.Append((byte)'/');
            resource.Append(request.Key.Span);
        }

        int granted = request.Scope?.Left ?? DecisionScope.Steps;
        int steps = granted;
        var evaluation = new Evaluation(request, resource.Written, ref steps);
        int allowed = -1;
        int denied = -1;
        for (int i = 0; i < statements.Length && denied < 0; i++)
        {
            Statement statement = statements[i];
            if ((statement.IsDeny || allowed < 0) && statement.MayApply(request) && statement.Applies(evaluation))
            {
                if (statement.IsDeny)
                {
                    denied = i;
                }
                else
                {
                    allowed = i;
                }
            }
        }

        resource.Dispose();
        request.Scope?.Spend(granted - steps);
        return denied >= 0 ? new PolicyVerdict(PolicyOutcome.ExplicitDeny, policy, statements[denied].Sid, denied)
            : allowed >= 0 ? new PolicyVerdict(PolicyOutcome.Allow, policy, statements[allowed].Sid, allowed)
            : PolicyVerdict.NoMatch;
    }
}
