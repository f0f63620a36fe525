using Tarn.Core.Errors;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>Reads organization policies. Source: CoreWeave AI Object Storage, "Manage organization access policies".</summary>
internal static class OrganizationPolicyParser
{
    private const string Version = "v1alpha1";

    /// <summary>
    /// Prefix of the actions of CoreWeave's control API. They are accepted, since one policy covers both APIs there, and never match.
    /// </summary>
    private const string ControlPrefix = "cwobject:";

    /// <exception cref="S3Exception">MalformedPolicy, naming the element.</exception>
    public static (string Name, Statement[] Statements) Parse(ReadOnlyMemory<byte> json, string organization)
    {
        PolicyObject policy = PolicyNode.Parse(json, OrganizationPolicy.MaxBytes);
        if (policy["policy"] is { } inner)
        {
            ElementReader.ThrowIfUnknown(policy, "request", ["policy"]);
            policy = ElementReader.Object(inner, "policy", "request");
        }

        const string Where = "policy";
        ElementReader.ThrowIfUnknown(policy, Where, ["version", "name", "statements"]);
        string version = ElementReader.Text(ElementReader.Required(policy, "version", Where), "version", Where);
        if (version != Version)
        {
            throw PolicyRefusal.Because("The policy must contain a valid version string", Where, version);
        }

        string name = Name(policy, Where);
        if (!PrincipalArn.IsName(name))
        {
            throw PolicyRefusal.Because("Policy has invalid name", Where, name);
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var templates = new TemplateCompiler(variables: false);
        PolicyObject[] nodes = ElementReader.Objects(ElementReader.Required(policy, "statements", Where), "statements");
        return (name, [.. nodes.Select((node, i) => Statement(node, $"statements[{i}]", organization, templates, names))]);
    }

    private static Statement Statement(PolicyObject node, string where, string organization, TemplateCompiler templates, HashSet<string> names)
    {
        ElementReader.ThrowIfUnknown(node, where, ["name", "effect", "actions", "resources", "principals"]);
        string name = Name(node, where);
        if (!names.Add(name))
        {
            throw PolicyRefusal.Because("Statement names in a single policy must be unique", where, name);
        }

        bool deny = ElementReader.IsDeny(ElementReader.Required(node, "effect", where), "effect", where);
        return new Statement
        {
            Sid = name,
            IsDeny = deny,
            Actions = Actions(node, where),
            Principals = Principals(node, where, organization, deny),
            Resources = new ResourceTest(
                [.. Texts(node, "resources", where).Select(text => ResourceParser.ParseForOrganization(text, templates, where))], negated: false),
            Conditions = [],
        };
    }

    private static ActionSet Actions(PolicyObject node, string where)
    {
        ActionSet set = default;
        foreach (string text in Texts(node, "actions", where))
        {
            if (ActionPattern.TryResolve(text, out ActionPattern pattern))
            {
                set |= pattern.Actions;
            }
            else if (!text.StartsWith(ControlPrefix, StringComparison.OrdinalIgnoreCase)
                || text.Length == ControlPrefix.Length
                || !text.AsSpan(ControlPrefix.Length).TrimEnd('*').ToString().All(char.IsAsciiLetter))
            {
                throw PolicyRefusal.Because(PolicyRefusal.InvalidAction, where, text);
            }
        }

        return set;
    }

    private static MemberPrincipals Principals(PolicyObject node, string where, string organization, bool deny)
    {
        const string UserPrefix = "user/";
        const string GroupPrefix = "group/";
        const string RolePrefix = "role/";
        bool everyone = false;
        bool root = false;
        var users = new HashSet<string>(StringComparer.Ordinal);
        var groups = new HashSet<string>(StringComparer.Ordinal);
        var roles = new HashSet<string>(StringComparer.Ordinal);
        foreach (string text in Texts(node, "principals", where))
        {
            if (text == "*")
            {
                everyone = true;
            }
            else if (PrincipalArn.TryParse(text, out string owner, out string? arnUser) && owner == organization)
            {
                root |= arnUser is null;
                _ = arnUser is not null && users.Add(arnUser);
            }
            else if (PrincipalArn.TryParseRole(text, out owner, out string arnRole) && owner == organization)
            {
                roles.Add(arnRole);
            }
            else if (text.StartsWith(RolePrefix, StringComparison.Ordinal) && PrincipalArn.IsRole(text[RolePrefix.Length..]))
            {
                roles.Add(text[RolePrefix.Length..]);
            }
            else if (text.StartsWith(GroupPrefix, StringComparison.Ordinal) && PrincipalArn.IsName(text[GroupPrefix.Length..]))
            {
                groups.Add(text[GroupPrefix.Length..]);
            }
            else
            {
                string user = text.StartsWith(UserPrefix, StringComparison.Ordinal) ? text[UserPrefix.Length..] : text;
                users.Add(PrincipalArn.IsName(user) ? user : throw PolicyRefusal.Because(PolicyRefusal.InvalidPrincipal, where, text));
            }
        }

        return new MemberPrincipals(organization, deny, everyone, users, groups, roles, root);
    }

    private static string Name(PolicyObject node, string where)
    {
        string name = ElementReader.Text(ElementReader.Required(node, "name", where), "name", where);
        return name.Length > 0 ? name : throw PolicyRefusal.Because("Missing required field name (" + where + ")");
    }

    private static string[] Texts(PolicyObject node, string name, string where) =>
        ElementReader.Texts(ElementReader.Required(node, name, where), name, where);
}
