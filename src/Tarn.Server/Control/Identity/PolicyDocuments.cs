using System.Text.Json;

namespace Tarn.Server.Control.Identity;

/// <summary>The one place that decides which documents are policies of an organization.</summary>
internal static class PolicyDocuments
{
    private const string Version = "v1alpha1";

    /// <summary>The policy's name, and the document as it is stored: the policy itself, whether or not it came as <c>{"policy":…}</c>.</summary>
    /// <param name="expected">The name in the path; null: the document must have one.</param>
    /// <param name="body">The document.</param>
    /// <exception cref="ControlRefusalException">It is not a policy, or its name is another than the path's.</exception>
    public static (string Name, string Document) Check(string? expected, ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement policy = document.RootElement;
            if (policy.ValueKind == JsonValueKind.Object && policy.TryGetProperty("policy", out JsonElement inner))
            {
                policy = inner;
            }

            Require(policy.ValueKind == JsonValueKind.Object, "a policy must be a JSON object");
            Require(Text(policy, "version") == Version, $"the version of a policy must be {Version}");
            string? name = Text(policy, "name") ?? expected;
            Require(name is not null, "a policy must have a name");
            Require(expected is null || name == expected, "the policy's name must be the one in the path");
            Require(
                policy.TryGetProperty("statements", out JsonElement statements) && statements.ValueKind == JsonValueKind.Array,
                "a policy must have a list of statements");
            return (name!, policy.GetRawText());
        }
        catch (JsonException e)
        {
            throw ControlRefusalException.BadRequest($"the policy is not valid JSON (line {e.LineNumber + 1})");
        }
    }

    private static string? Text(JsonElement policy, string member) =>
        policy.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw ControlRefusalException.BadRequest(message);
        }
    }
}
