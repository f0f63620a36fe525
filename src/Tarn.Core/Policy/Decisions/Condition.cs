namespace Tarn.Core.Policy.Decisions;

/// <summary>One operator and key of a statement's Condition element; all of them must hold.</summary>
/// <param name="values">As written in the policy.</param>
/// <param name="test">Null for <see cref="Comparison.Absence"/>, whose values are flags.</param>
internal sealed class Condition(ConditionOperator @operator, KeyReference key, string[] values, ConditionTest? test)
{
    private readonly bool _mayBeAbsent = test is null && Array.Exists(values, value => ConditionText.Flag(value) == true);
    private readonly bool _mayBePresent = test is null && Array.Exists(values, value => ConditionText.Flag(value) == false);

    public ConditionOperator Operator => @operator;

    public KeyReference Key => key;

    public IReadOnlyList<string> Values => values;

    /// <summary>Every key that it reads: its own, and those of variables in its values.</summary>
    public required IReadOnlyList<KeyReference> Asks
    {
        get;
        init
        {
            field = value;
            IsSameForEveryKey = !value.Any(ask => ask.Key is ConditionKey.ExistingObjectTag or ConditionKey.VersionId);
        }
    }

    /// <summary>The maximum number of steps that evaluating it may take, from its patterns: <see cref="Wildcard.Cost"/>.</summary>
    public long Cost { get; init; }

    /// <summary>Whether its outcome is the same for every object.</summary>
    public bool IsSameForEveryKey { get; private init; }

    /// <summary>Whether it holds for requesters of one organization only.</summary>
    public bool LimitsToOrganization(string organizationId) =>
        key.Key is ConditionKey.PrincipalOrgId or ConditionKey.PrincipalAccount
        && @operator is { Comparison: Comparison.Text, Negated: false, IfExists: false, Quantifier: not Quantifier.ForAllValues }
        && Array.TrueForAll(values, value => value == organizationId);

    /// <summary>Whether the request fulfils the condition.</summary>
    /// <param name="deny">
    /// Whether the statement is a Deny: a value that cannot be compared, such as text where a number is needed, makes a Deny apply and an Allow not.
    /// </param>
    public bool Holds(in Evaluation evaluation, bool deny)
    {
        if (evaluation.Scope?.Recall(this) is { } known)
        {
            return known;
        }

        bool held = Decide(evaluation, deny);
        if (IsSameForEveryKey)
        {
            evaluation.Scope?.Remember(this, held);
        }

        return held;
    }

    private bool Decide(in Evaluation evaluation, bool deny)
    {
        ConditionValue value = evaluation.Get(key);
        if (test is null)
        {
            return value.IsAbsent ? _mayBeAbsent : _mayBePresent;
        }

        if (value.IsAbsent)
        {
            return @operator.IfExists || @operator.Quantifier switch
            {
                Quantifier.ForAllValues => true,
                Quantifier.ForAnyValue => false,
                _ => @operator.Negated,
            };
        }

        // A plain operator means "some value matches", a negated one "none does".
        bool all = @operator.Quantifier == Quantifier.ForAllValues || (@operator.Quantifier == Quantifier.None && @operator.Negated);
        bool result = all;
        for (int i = 0; i < value.Count; i++)
        {
            bool holds;
            switch (test.Matches(value, i, evaluation))
            {
                case Fit.Unreadable:
                    return deny;
                case Fit.Unresolved:
                    // It equals nothing; but an Allow must not hold because a variable is unknown.
                    holds = @operator.Negated && deny;
                    break;
                case Fit.Yes:
                    holds = !@operator.Negated;
                    break;
                default:
                    holds = @operator.Negated;
                    break;
            }

            result = all ? result && holds : result || holds;
        }

        return result;
    }
}
