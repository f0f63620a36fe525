using System.Text.Json;

namespace Tarn.Server.Federation;

/// <summary>
/// The claims of a token as policies see them: texts. A list has several values, the members of an object are claims of their own (<c>CLAIM/MEMBER</c>),
/// and numbers and flags are as they are written. None is left out: a policy that denies a value must see it. So a token with more than is kept is refused.
/// </summary>
internal sealed class TokenClaims
{
    /// <summary>The maximum number of claims: they are stored with the credentials, and each decision may look at them.</summary>
    public const int MaxCount = 100;

    /// <summary>The maximum length of all names and values, in characters. Names of members repeat that of the claim, and each value counts with the name.</summary>
    public const int MaxLength = 32 * 1024;

    private readonly Dictionary<string, IReadOnlyList<string>> _claims = new(StringComparer.Ordinal);
    private int _length;

    private TokenClaims()
    {
    }

    /// <exception cref="FormatException">The name of a claim cannot be one, or there is too much of them.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Read(JsonElement payload)
    {
        var claims = new TokenClaims();
        claims.AddMembers("", payload);
        return claims._claims;
    }

    private void AddMembers(string prefix, JsonElement element)
    {
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (member.Name.Length == 0 || member.Name.Any(char.IsControl))
            {
                throw new FormatException("A claim has no name that could be one.");
            }

            string name = prefix + member.Name;
            Count(name.Length);
            switch (member.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    AddMembers(name + "/", member.Value);
                    break;
                case JsonValueKind.Array:
                    Add(name, [.. member.Value.EnumerateArray().Select(TextOf)]);
                    break;
                case JsonValueKind.Null:
                    break;
                default:
                    Add(name, [TextOf(member.Value)]);
                    break;
            }
        }
    }

    // "a/b" and the member b of a are the same name: neither may hide the other.
    private void Add(string name, IReadOnlyList<string> values)
    {
        foreach (string value in values)
        {
            Count(name.Length + value.Length);
        }

        if (values.Count > 0)
        {
            _claims[name] = _claims.TryGetValue(name, out IReadOnlyList<string>? others) ? [.. others, .. values] : values;
        }

        if (_claims.Count > MaxCount)
        {
            throw new FormatException($"There are more than {MaxCount} claims.");
        }
    }

    private void Count(int length)
    {
        _length += length;
        if (_length > MaxLength)
        {
            throw new FormatException($"The claims have more than {MaxLength} characters.");
        }
    }

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
