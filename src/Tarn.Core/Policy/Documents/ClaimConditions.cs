using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>
/// The conditions of a role or an issuer on the claims of tokens, as a Condition element whose keys are the names of claims:
/// <c>{"StringLike":{"sub":"system:serviceaccount:data:*"}}</c>. All must hold.
/// </summary>
public sealed class ClaimConditions
{
    /// <summary>The maximum size, in bytes of JSON.</summary>
    public const int MaxBytes = 8 * 1024;

    private const string Where = "conditions";

    private readonly Condition[] _conditions;

    private ClaimConditions(Condition[] conditions) => _conditions = conditions;

    /// <summary>Reads conditions that are being put.</summary>
    /// <param name="json">The element.</param>
    /// <param name="issuer">The URL of the issuer whose claims it names.</param>
    /// <exception cref="S3Exception">MalformedPolicy, naming the element; also when none of them requires a claim.</exception>
    public static ClaimConditions Parse(ReadOnlyMemory<byte> json, string issuer)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        PolicyObject operators = PolicyNode.Parse(json, MaxBytes);
        string prefix = SessionGrant.ConditionPrefix(issuer) + ":";
        var named = new PolicyObject(
            [.. operators.Members.Select(member => KeyValuePair.Create(member.Key, (PolicyNode)Prefixed(ElementReader.Object(member.Value, member.Key, Where), prefix)))]);
        Condition[] conditions = ConditionCompiler.Compile(named, new TemplateCompiler(variables: false), Where);
        if (Array.Find(conditions, static condition => condition.Key.Key != ConditionKey.Claim) is not null)
        {
            throw PolicyRefusal.Because(PolicyRefusal.InvalidConditionKey, Where, prefix);
        }

        return Array.Exists(conditions, static condition => condition.Operator is
            { Comparison: not Comparison.Absence, Negated: false, IfExists: false, Quantifier: not Quantifier.ForAllValues })
            ? new ClaimConditions(conditions)
            : throw PolicyRefusal.Because("There must be a condition that requires something of a claim, such as StringEquals of sub: otherwise every workload of the issuer fulfils them", Where, "{}");
    }

    /// <summary>Whether the claims of a token fulfil them all.</summary>
    public bool Hold(SessionGrant claims)
    {
        var principal = new Principal("", "", "") { Session = claims };
        var request = new PolicyRequest(default, "", default, principal, NoConditions.Instance);
        int steps = DecisionScope.Steps;
        var evaluation = new Evaluation(request, [], ref steps);
        foreach (Condition condition in _conditions)
        {
            if (!condition.Holds(evaluation, deny: false))
            {
                return false;
            }
        }

        return true;
    }

    private static PolicyObject Prefixed(PolicyObject block, string prefix) =>
        new([.. block.Members.Select(member => KeyValuePair.Create(prefix + member.Key, member.Value))]);
}
