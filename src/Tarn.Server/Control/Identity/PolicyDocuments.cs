using System.Text.Json;

namespace Tarn.Server.Control.Identity;

/// <summary>The one place that decides which documents are policies of an organization.</summary>
internal static class PolicyDocuments
{
    private const string Version = "v1alpha1";

    /// <summary>The document as it is stored: the policy itself, whether or not it came as <c>{"policy":…}</c>.</summary>
    /// <exception cref="ControlRefusalException">It is not a policy, or its name is another than the path's.</exception>
    public static string Check(string name, ReadOnlyMemory<byte> body)
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
            Require(Text(policy, "name") is not { } own || own == name, "the policy's name must be the one in the path");
            Require(
                policy.TryGetProperty("statements", out JsonElement statements) && statements.ValueKind == JsonValueKind.Array,
                "a policy must have a list of statements");
            return policy.GetRawText();
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
