using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>
/// Reads bucket policies. Source: IAM User Guide, "Grammar of the IAM JSON policy language"; Amazon S3 User Guide, "Bucket policies".
/// </summary>
internal static class BucketPolicyParser
{
    /// <exception cref="S3Exception">MalformedPolicy, naming the element.</exception>
    public static (string? Id, Statement[] Statements) Parse(ReadOnlyMemory<byte> json, BucketName bucket)
    {
        PolicyObject policy = PolicyNode.Parse(json, BucketPolicy.MaxBytes);
        const string Where = "Policy";
        ElementReader.ThrowIfUnknown(policy, Where, ["Version", "Id", "Statement"]);
        var templates = new TemplateCompiler(variables: PolicyVersions.HasVariables(policy, Where));
        var sids = new HashSet<string>(StringComparer.Ordinal);
        PolicyObject[] nodes = ElementReader.Objects(ElementReader.Required(policy, "Statement", Where), "Statement");
        return (ElementReader.OptionalText(policy, "Id", Where), [.. nodes.Select((node, i) => Statement(node, $"Statement[{i}]", bucket, templates, sids))]);
    }

    private static Statement Statement(PolicyObject node, string where, BucketName bucket, TemplateCompiler templates, HashSet<string> sids)
    {
        ElementReader.ThrowIfUnknown(
            node, where, ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"]);
        string? sid = ElementReader.OptionalText(node, "Sid", where) is { Length: > 0 } given ? given : null;
        if (sid is not null && !sids.Add(sid))
        {
            throw PolicyRefusal.Because("Statement IDs (SID) in a single policy must be unique", where, sid);
        }

        bool deny = ElementReader.IsDeny(ElementReader.Required(node, "Effect", where), "Effect", where);
        PrincipalTest principals = Principals(node, where, deny);
        (Template[] Patterns, bool Negated, S3ResourceKinds Kinds) resources = Resources(node, where, bucket, templates);
        return new Statement
        {
            Sid = sid,
            IsDeny = deny,
            Principals = principals,
            Actions = Actions(node, where, resources.Kinds),
            Resources = new ResourceTest(resources.Patterns, resources.Negated),
            Conditions = node["Condition"] is { } condition ? ConditionCompiler.Compile(condition, templates, where) : [],
        };
    }

    private static PrincipalTest Principals(PolicyObject node, string where, bool deny)
    {
        (PolicyNode value, string name, bool negated) = ElementReader.OneOf(node, "Principal", where);
        NamedPrincipals named = PrincipalParser.Parse(value, name, where);
        return negated ? new UnlistedPrincipals(named, deny) : new ListedPrincipals(named, deny);
    }

    private static (Template[] Patterns, bool Negated, S3ResourceKinds Kinds) Resources(
        PolicyObject node, string where, BucketName bucket, TemplateCompiler templates)
    {
        (PolicyNode value, string name, bool negated) = ElementReader.OneOf(node, "Resource", where);
        S3ResourceKinds all = S3ResourceKinds.None;
        Template[] patterns =
        [
            .. ElementReader.Texts(value, name, where).Select(text =>
            {
                Template pattern = ResourceParser.ParseForBucket(text, bucket, templates, where, out S3ResourceKinds kinds);
                all |= kinds;
                return pattern;
            }),
        ];
        return (patterns, negated, negated ? S3ResourceKinds.Bucket | S3ResourceKinds.Object : all);
    }

    private static ActionSet Actions(PolicyObject node, string where, S3ResourceKinds resources)
    {
        (PolicyNode value, string name, bool negated) = ElementReader.OneOf(node, "Action", where);
        ActionSet set = default;
        foreach (string text in ElementReader.Texts(value, name, where))
        {
            if (!ActionPattern.TryResolve(text, out ActionPattern pattern))
            {
                throw PolicyRefusal.Because(PolicyRefusal.InvalidAction, where, text);
            }

            if (!negated && (pattern.Kinds & resources) == S3ResourceKinds.None)
            {
                throw PolicyRefusal.Because(PolicyRefusal.NotApplicable, where, text);
            }

            set |= pattern.Actions;
        }

        return negated ? ~set : set;
    }
}
