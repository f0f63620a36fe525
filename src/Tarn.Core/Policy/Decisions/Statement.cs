namespace Tarn.Core.Policy.Decisions;

/// <summary>One statement, compiled. It applies when its actions, principals, resources and conditions all match.</summary>
internal sealed class Statement
{
    public string? Sid { get; init; }

    public required bool IsDeny { get; init; }

    public required ActionSet Actions { get; init; }

    public required PrincipalTest Principals { get; init; }

    public required ResourceTest Resources { get; init; }

    public required Condition[] Conditions { get; init; }

    /// <summary>The maximum number of steps that evaluating it may take: <see cref="Wildcard.Cost"/>.</summary>
    public long Cost => Resources.Cost + Conditions.Sum(static condition => condition.Cost);

    /// <summary>Whether action and principal match: a cheap check that rules out most statements.</summary>
    public bool MayApply(in PolicyRequest request) => Actions.Contains(request.Action) && Principals.Matches(request.Principal)
        && (IsDeny || !request.NamesPrincipal || Principals.Names(request.Principal));

    /// <summary>Whether resource and conditions match as well.</summary>
    public bool Applies(in Evaluation evaluation)
    {
        if (!Resources.Matches(evaluation, IsDeny))
        {
            return false;
        }

        foreach (Condition condition in Conditions)
        {
            if (!condition.Holds(evaluation, IsDeny))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether it applies to principals of one organization only: by name, or by a condition on the requester's organization.
    /// </summary>
    public bool IsWithin(string organizationId, string canonicalId) =>
        Principals.IsWithin(organizationId, canonicalId) || Array.Exists(Conditions, condition => condition.LimitsToOrganization(organizationId));

    public bool Asks(ConditionKey key) =>
        Resources.Asks.Any(ask => ask.Key == key) || Array.Exists(Conditions, condition => condition.Asks.Any(ask => ask.Key == key));
}
