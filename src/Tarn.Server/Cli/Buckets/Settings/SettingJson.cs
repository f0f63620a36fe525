using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tarn.Server.Cli.Buckets.Settings;

/// <summary>The JSON of settings, as files have it.</summary>
internal static class SettingJson
{
    /// <summary>Reads a setting: only members of the table, of their kind; in its order, and without remarks.</summary>
    /// <param name="member">The setting.</param>
    /// <param name="value">What the file has.</param>
    /// <param name="place">Where, for messages: <c>photos.json: lifecycle</c>.</param>
    /// <exception cref="CliException">It is not what the table says.</exception>
    public static JsonObject Read(SettingMember member, JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new CliException($"{place}: an object is needed");
        }

        JsonProperty[] given = [.. value.EnumerateObject()];
        if (given.GroupBy(static property => property.Name, StringComparer.Ordinal).FirstOrDefault(static same => same.Count() > 1) is { } twice)
        {
            throw new CliException($"{place}: {twice.Key} is there twice");
        }

        if (Array.Find(given, property => !member.Members.Any(known => known.Json == property.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } other)
        {
            throw new CliException($"{place}: '{other.Name}' is not known here (known: {string.Join(", ", member.Members.Select(static known => known.Json))})");
        }

        var read = new JsonObject();
        foreach (SettingMember inner in member.Members)
        {
            string at = $"{place}.{inner.Json}";
            if (!value.TryGetProperty(inner.Json, out JsonElement found))
            {
                if (inner.IsRequired)
                {
                    throw new CliException($"{at} is missing{(inner.Why is null ? "" : ": " + inner.Why)}");
                }

                continue;
            }

            if (inner.Kind != MemberKind.Remark)
            {
                read[inner.Json] = inner.IsList ? ReadList(inner, found, at) : ReadValue(inner, found, at);
            }
        }

        if (member.Choice is { } choice)
        {
            string needed = choice.Needed[(string)read[choice.By]!];
            if (choice.Needed.Values.FirstOrDefault(name => read.ContainsKey(name) != (name == needed)) is { } wrong)
            {
                throw new CliException($"{place}.{wrong} {(wrong == needed ? "is missing" : "does not go")} with the {choice.By} '{(string)read[choice.By]!}'");
            }
        }

        return read;
    }

    /// <summary>The items as an array, in order where S3 has none.</summary>
    public static JsonArray Sort(SettingMember list, IEnumerable<JsonNode> items) => list.SortedBy is not { } by
        ? [.. items]
        : [.. items.OrderBy(item => string.Join('\n', by.Select(name => item[name]?.ToJsonString())), StringComparer.Ordinal)];

    private static JsonArray ReadList(SettingMember member, JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw new CliException($"{place}: an array is needed");
        }

        int count = value.GetArrayLength();
        return count < member.Least ? throw new CliException($"{place}: {member.Least} or more are needed")
            : count > member.Most ? throw new CliException($"{place}: no more than {member.Most} can be there")
            : Sort(member, [.. value.EnumerateArray().Select((item, index) => ReadValue(member, item, $"{place}[{index}]"))]);
    }

    private static JsonNode ReadValue(SettingMember member, JsonElement value, string place)
    {
        switch (member.Kind)
        {
            case MemberKind.Object:
                return Read(member, value, place);
            case MemberKind.Number when value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number):
                return number;
            case MemberKind.Number:
                throw new CliException($"{place}: a whole number is needed");
            case MemberKind.Flag:
                return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw new CliException($"{place}: true or false is needed");
            default:
                string text = value.ValueKind == JsonValueKind.String ? Text(value, place) : throw new CliException($"{place}: a text is needed");
                if (text.Length == 0 && member.Why is { } why)
                {
                    throw new CliException($"{place} is empty: {why}");
                }

                return member.Choices.Count == 0 || member.Choices.Contains(text)
                    ? text
                    : throw new CliException($"{place}: '{text}' is none of {string.Join(", ", member.Choices)}");
        }
    }

    private static string Text(JsonElement value, string place)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // A surrogate without its other half.
            throw new CliException($"{place}: the text is not Unicode", e);
        }
    }
}
