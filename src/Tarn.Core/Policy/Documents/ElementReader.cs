using Tarn.Core.Errors;

namespace Tarn.Core.Policy.Documents;

/// <summary>Reads the elements of policies from JSON and refuses those of the wrong type.</summary>
internal static class ElementReader
{
    /// <exception cref="S3Exception">MalformedPolicy: an element that the grammar does not have.</exception>
    public static void ThrowIfUnknown(PolicyObject node, string where, ReadOnlySpan<string> known)
    {
        foreach ((string name, _) in node.Members)
        {
            if (!known.Contains(name))
            {
                throw PolicyRefusal.Because("Unknown field", where, name);
            }
        }
    }

    public static PolicyNode Required(PolicyObject node, string name, string where) =>
        node[name] ?? throw PolicyRefusal.Because("Missing required field " + name + " (" + where + ")");

    public static string Text(PolicyNode node, string name, string where) =>
        node is PolicyText text ? text.Value : throw PolicyRefusal.Because("Invalid policy syntax, a string is expected", where, name);

    public static string? OptionalText(PolicyObject node, string name, string where) =>
        node[name] is { } member ? Text(member, name, where) : null;

    public static PolicyObject Object(PolicyNode node, string name, string where) =>
        node as PolicyObject ?? throw PolicyRefusal.Because("Invalid policy syntax, an object is expected", where, name);

    /// <summary>A text, or an array of texts that is not empty.</summary>
    /// <param name="literals">Whether true, false and numbers are taken for texts.</param>
    public static string[] Texts(PolicyNode node, string name, string where, bool literals = false)
    {
        IReadOnlyList<PolicyNode> items = node is PolicyArray array ? array.Items : [node];
        if (items.Count == 0)
        {
            throw PolicyRefusal.Because("Invalid policy syntax, a value is expected", where, name);
        }

        return [.. items.Select(item => item switch
        {
            PolicyText text => text.Value,
            PolicyLiteral literal when literals => literal.Value,
            _ => throw PolicyRefusal.Because("Invalid policy syntax, a string or an array of strings is expected", where, name),
        })];
    }

    /// <summary>An object, or an array of objects that is not empty.</summary>
    public static PolicyObject[] Objects(PolicyNode node, string name)
    {
        IReadOnlyList<PolicyNode> items = node is PolicyArray array ? array.Items : [node];
        if (items.Count == 0)
        {
            throw PolicyRefusal.Because($"Could not parse the policy: {name} is empty!");
        }

        return [.. items.Select((item, index) => Object(item, name, $"{name}[{index}]"))];
    }

    /// <summary>Reads an element or its negation, such as NotAction: exactly one must be present.</summary>
    /// <returns>Its value, its name, and whether it is the negation.</returns>
    public static (PolicyNode Node, string Name, bool Negated) OneOf(PolicyObject node, string name, string where)
    {
        string opposite = "Not" + name;
        return (node[name], node[opposite]) switch
        {
            ({ } given, null) => (given, name, false),
            (null, { } given) => (given, opposite, true),
            (null, null) => throw PolicyRefusal.Because("Missing required field " + name + " (" + where + ")"),
            _ => throw PolicyRefusal.Because("Policy has both of two fields that exclude each other", where, name + ", " + opposite),
        };
    }

    /// <summary>True for Deny, false for Allow.</summary>
    public static bool IsDeny(PolicyNode node, string name, string where) => Text(node, name, where) switch
    {
        "Allow" => false,
        "Deny" => true,
        string other => throw PolicyRefusal.Because("Invalid effect", where, other),
    };
}
