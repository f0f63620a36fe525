using Tarn.Core.Errors;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>Reads policies of identities. Source: IAM User Guide, "Grammar of the IAM JSON policy language".</summary>
internal static class IdentityPolicyParser
{
    /// <exception cref="S3Exception">MalformedPolicy, naming the element.</exception>
    public static (string? Id, Statement[] Statements) Parse(ReadOnlyMemory<byte> json)
    {
        PolicyObject policy = PolicyNode.Parse(json, IdentityPolicy.MaxBytes);
        const string Where = "Policy";
        ElementReader.ThrowIfUnknown(policy, Where, ["Version", "Id", "Statement"]);
        var templates = new TemplateCompiler(variables: PolicyVersions.HasVariables(policy, Where));
        var sids = new HashSet<string>(StringComparer.Ordinal);
        PolicyObject[] nodes = ElementReader.Objects(ElementReader.Required(policy, "Statement", Where), "Statement");
        return (ElementReader.OptionalText(policy, "Id", Where), [.. nodes.Select((node, i) => Statement(node, $"Statement[{i}]", templates, sids))]);
    }

    private static Statement Statement(PolicyObject node, string where, TemplateCompiler templates, HashSet<string> sids)
    {
        ElementReader.ThrowIfUnknown(node, where, ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"]);
        string? sid = ElementReader.OptionalText(node, "Sid", where) is { Length: > 0 } given ? given : null;
        if (sid is not null && !sids.Add(sid))
        {
            throw PolicyRefusal.Because("Statement IDs (SID) in a single policy must be unique", where, sid);
        }

        (PolicyNode resource, string name, bool negated) = ElementReader.OneOf(node, "Resource", where);
        return new Statement
        {
            Sid = sid,
            IsDeny = ElementReader.IsDeny(ElementReader.Required(node, "Effect", where), "Effect", where),
            Principals = new ListedPrincipals(new NamedPrincipals { Everyone = true }, deny: false),
            Actions = Actions(node, where),
            Resources = new ResourceTest(
                [.. ElementReader.Texts(resource, name, where).Select(text => ResourceParser.ParseForIdentity(text, templates, where))], negated),
            Conditions = node["Condition"] is { } condition ? ConditionCompiler.Compile(condition, templates, where) : [],
        };
    }

    private static ActionSet Actions(PolicyObject node, string where)
    {
        (PolicyNode value, string name, bool negated) = ElementReader.OneOf(node, "Action", where);
        ActionSet set = default;
        foreach (string text in ElementReader.Texts(value, name, where))
        {
            set |= ActionPattern.TryResolve(text, out ActionPattern pattern)
                ? pattern.Actions
                : throw PolicyRefusal.Because(PolicyRefusal.InvalidAction, where, text);
        }

        return negated ? ~set : set;
    }
}
