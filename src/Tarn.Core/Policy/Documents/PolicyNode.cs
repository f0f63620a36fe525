using System.Text.Json;
using System.Text.Unicode;
using Tarn.Core.Errors;

namespace Tarn.Core.Policy.Documents;

/// <summary>JSON that is known to be well-formed, of bounded depth and without duplicate names.</summary>
internal abstract record PolicyNode
{
    /// <summary>Levels of nesting; a policy needs six.</summary>
    private const int MaxDepth = 16;

    /// <exception cref="S3Exception">MalformedPolicy.</exception>
    public static PolicyObject Parse(ReadOnlyMemory<byte> json, int maxBytes)
    {
        if (json.Length > maxBytes)
        {
            throw PolicyRefusal.Because($"Policy exceeds the maximum allowed document size of {maxBytes} bytes");
        }

        if (json.Length == 0 || json.Span[0] != '{' || !Utf8.IsValid(json.Span))
        {
            throw PolicyRefusal.Because(PolicyRefusal.NotJson);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return (PolicyObject)Convert(document.RootElement, "");
        }
        catch (JsonException e)
        {
            throw PolicyRefusal.Because($"{PolicyRefusal.NotJson} (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})");
        }
        catch (InvalidOperationException)
        {
            // An escaped unpaired surrogate: valid by the grammar of JSON, but not text.
            throw PolicyRefusal.Because($"{PolicyRefusal.NotJson} (an unpaired surrogate)");
        }
    }

    /// <param name="path">Where the element is, for refusals: <c>Statement[0].Condition</c>.</param>
    private static PolicyNode Convert(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.Object => ConvertObject(element, path),
        JsonValueKind.Array => new PolicyArray([.. element.EnumerateArray().Select((item, index) => Convert(item, $"{path}[{index}]"))]),
        JsonValueKind.String => new PolicyText(element.GetString()!),
        JsonValueKind.Number => new PolicyLiteral(element.GetRawText()),
        JsonValueKind.True => new PolicyLiteral("true"),
        JsonValueKind.False => new PolicyLiteral("false"),
        _ => new PolicyNull(),
    };

    private static PolicyObject ConvertObject(JsonElement element, string path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var members = new List<KeyValuePair<string, PolicyNode>>();
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!names.Add(property.Name))
            {
                throw PolicyRefusal.Because("Policy has a field more than once", path.Length == 0 ? "top level" : path, property.Name);
            }

            members.Add(new(property.Name, Convert(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}")));
        }

        return new PolicyObject(members);
    }
}

internal sealed record PolicyObject(IReadOnlyList<KeyValuePair<string, PolicyNode>> Members) : PolicyNode
{
    /// <summary>The member, or null when there is none. An explicit null is a member.</summary>
    public PolicyNode? this[string name]
    {
        get
        {
            foreach ((string member, PolicyNode value) in Members)
            {
                if (member == name)
                {
                    return value;
                }
            }

            return null;
        }
    }
}

internal sealed record PolicyArray(IReadOnlyList<PolicyNode> Items) : PolicyNode;

internal sealed record PolicyText(string Value) : PolicyNode;

/// <summary>A number, true or false, as written.</summary>
internal sealed record PolicyLiteral(string Value) : PolicyNode;

internal sealed record PolicyNull : PolicyNode;
