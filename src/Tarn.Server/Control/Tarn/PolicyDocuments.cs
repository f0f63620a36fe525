using System.Text.Json;
using Tarn.Core.Errors;
using Tarn.Core.Policy.Documents;

namespace Tarn.Server.Control.Tarn;

/// <summary>Checks the documents of organization policies.</summary>
internal static class PolicyDocuments
{
    /// <summary>The policy's name, and the document as it is stored: the policy itself, whether or not it came as <c>{"policy":…}</c>.</summary>
    /// <param name="organization">The organization it is put for.</param>
    /// <param name="expected">The name in the path; null if the path has none.</param>
    /// <param name="body">The document.</param>
    /// <exception cref="ControlRefusalException">It is not a policy, or its name is another than the path's.</exception>
    public static (string Name, string Document) Check(string organization, string? expected, ReadOnlyMemory<byte> body)
    {
        string name;
        try
        {
            name = OrganizationPolicy.Parse(body, organization).Name;
        }
        catch (S3Exception e)
        {
            throw ControlRefusalException.BadRequest(e.Message);
        }

        if (expected is not null && name != expected)
        {
            throw ControlRefusalException.BadRequest("the policy's name must be the one in the path");
        }

        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement policy = document.RootElement.TryGetProperty("policy", out JsonElement inner) ? inner : document.RootElement;
        return (name, policy.GetRawText());
    }
}
