using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Tarn.Core.Errors;

namespace Tarn.S3.Forms;

/// <summary>Reads the policy document of a form. Source: Amazon S3 API Reference, "POST Policy" (Signature Version 4).</summary>
internal sealed class PostPolicyReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    private readonly List<PolicyCondition> _conditions = [];
    private long _minLength;
    private long _maxLength = long.MaxValue;

    private PostPolicyReader()
    {
    }

    /// <summary>Reads a policy document.</summary>
    /// <param name="base64">The form's policy field.</param>
    /// <exception cref="S3Exception">InvalidPolicyDocument.</exception>
    public static PostPolicy Read(string base64)
    {
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length) + 3];
        if (!Convert.TryFromBase64String(base64, bytes, out int length))
        {
            throw FormErrors.InvalidPolicy("Invalid Base64.");
        }

        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(0, length), Options);
            return new PostPolicyReader().Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // An unpaired surrogate in a string is thrown as InvalidOperationException.
            throw FormErrors.InvalidPolicy("Invalid JSON.");
        }
    }

    private PostPolicy Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw FormErrors.InvalidPolicy("Invalid JSON.");
        }

        JsonElement? expiration = null, conditions = null;
        foreach (JsonProperty property in root.EnumerateObject())
        {
            switch (property.Name)
            {
                case "expiration": expiration = property.Value; break;
                case "conditions": conditions = property.Value; break;
                default: throw FormErrors.InvalidPolicy($"Unexpected: '{property.Name}'.");
            }
        }

        DateTimeOffset expires = ReadExpiration(expiration ?? throw FormErrors.InvalidPolicy("Policy missing expiration."));
        if (conditions is not { } list)
        {
            throw FormErrors.InvalidPolicy("Policy missing conditions.");
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw FormErrors.InvalidPolicy("Invalid 'conditions' value: must be a List.");
        }

        foreach (JsonElement condition in list.EnumerateArray())
        {
            Add(condition);
        }

        return new PostPolicy { Expiration = expires, Conditions = _conditions, MinLength = _minLength, MaxLength = _maxLength };
    }

    private static DateTimeOffset ReadExpiration(JsonElement element)
    {
        string[] formats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];
        return element.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParseExact(element.GetString(), formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw FormErrors.InvalidPolicy($"Invalid 'expiration' value: {element.GetRawText()}");
    }

    private void Add(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                AddSimple(element);
                break;
            case JsonValueKind.Array:
                AddList(element);
                break;
            default:
                throw FormErrors.InvalidPolicy("Invalid Condition: must be a List or an Object.");
        }
    }

    private void AddSimple(JsonElement element)
    {
        JsonProperty[] properties = [.. element.EnumerateObject()];
        if (properties.Length != 1)
        {
            throw FormErrors.InvalidPolicy("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
        }

        if (properties[0].Value.ValueKind != JsonValueKind.String)
        {
            throw FormErrors.InvalidPolicy("Invalid Simple-Condition: value must be a string.");
        }

        string name = properties[0].Name, value = properties[0].Value.GetString()!;
        _conditions.Add(new PolicyCondition(PolicyOperator.Equal, name, value, Source("eq", name, value)));
    }

    private void AddList(JsonElement element)
    {
        JsonElement[] parts = [.. element.EnumerateArray()];
        if (parts.Length != 3 || parts[0].ValueKind != JsonValueKind.String)
        {
            throw FormErrors.InvalidPolicy("Invalid Condition: wrong number of arguments.");
        }

        string name = parts[0].GetString()!;
        switch (name.ToLowerInvariant())
        {
            case "eq":
                AddMatch(PolicyOperator.Equal, "eq", parts);
                break;
            case "starts-with":
                AddMatch(PolicyOperator.StartsWith, "starts-with", parts);
                break;
            case "content-length-range":
                AddRange(parts);
                break;
            default:
                throw FormErrors.InvalidPolicy($"Invalid Condition: unknown operation '{name}'.");
        }
    }

    private void AddMatch(PolicyOperator matching, string name, JsonElement[] parts)
    {
        if (parts[1].ValueKind != JsonValueKind.String || parts[2].ValueKind != JsonValueKind.String)
        {
            throw FormErrors.InvalidPolicy($"Invalid Condition: the arguments of '{name}' must be strings.");
        }

        string field = parts[1].GetString()!, value = parts[2].GetString()!;
        if (field.Length < 2 || field[0] != '$')
        {
            throw FormErrors.InvalidPolicy("Invalid Condition: the name of a field must begin with '$'.");
        }

        _conditions.Add(new PolicyCondition(matching, field[1..], value, Source(name, field[1..], value)));
    }

    /// <summary>Adds a range; when there are several, all of them must hold.</summary>
    private void AddRange(JsonElement[] parts)
    {
        if (!TryRead(parts[1], out long least) || !TryRead(parts[2], out long most) || least > most)
        {
            throw FormErrors.InvalidPolicy("Invalid Condition: the arguments of 'content-length-range' must be two numbers in order.");
        }

        _minLength = Math.Max(_minLength, least);
        _maxLength = Math.Min(_maxLength, most);
    }

    private static bool TryRead(JsonElement element, out long value)
    {
        value = 0;
        return element.ValueKind switch
        {
            JsonValueKind.Number => element.TryGetInt64(out value) && value >= 0,
            JsonValueKind.String => long.TryParse(element.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out value),
            _ => false,
        };
    }

    private static string Source(string matching, string field, string value) => $"[\"{matching}\", \"${field}\", \"{value}\"]";
}
