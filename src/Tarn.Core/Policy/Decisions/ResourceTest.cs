namespace Tarn.Core.Policy.Decisions;

/// <summary>What a statement is about.</summary>
/// <param name="negated">NotResource: everything else.</param>
internal sealed class ResourceTest(Template[] patterns, bool negated)
{
    public IEnumerable<KeyReference> Asks => patterns.SelectMany(pattern => pattern.Variables).Select(variable => variable.Key);

    /// <summary>The steps that matching may take: <see cref="Wildcard.Cost"/>.</summary>
    public long Cost => patterns.Sum(static pattern => pattern.Cost(Wildcard.LongestResource));

    /// <param name="deny">The statement's effect: what cannot be compared is denied, and not allowed; a resource that is unknown because a variable has no value is not part of what NotResource allows.</param>
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
