namespace Tarn.Core.Policy.Decisions;

/// <summary>Decides which resources a statement applies to.</summary>
/// <param name="negated">NotResource: everything else.</param>
internal sealed class ResourceTest(Template[] patterns, bool negated)
{
    public IEnumerable<KeyReference> Asks => patterns.SelectMany(pattern => pattern.Variables).Select(variable => variable.Key);

    /// <summary>The maximum number of steps that matching may take: <see cref="Wildcard.Cost"/>.</summary>
    public long Cost => patterns.Sum(static pattern => pattern.Cost(Wildcard.MaxResource));

    /// <param name="deny">Whether the statement is a Deny: what cannot be compared is denied and never allowed. Where a variable has no value, an Allow with NotResource does not apply.</param>
    public bool Matches(in Evaluation evaluation, bool deny)
    {
        bool unresolved = false;
        foreach (Template pattern in patterns)
        {
            switch (pattern.Matches(evaluation.Resource, evaluation))
            {
                case Fit.Yes:
                    return !negated;
                case Fit.Unresolved:
                    unresolved = true;
                    break;
                case Fit.Unreadable:
                    return deny;
                default:
                    break;
            }
        }

        return negated && (deny || !unresolved);
    }
}
