using System.Text.Json;
using Tarn.Core.Errors;
using Tarn.Core.Policy.Documents;

namespace Tarn.Server.Control.Tarn;

/// <summary>Checks the documents of organization policies.</summary>
internal static class PolicyDocuments
{
    /// <summary>Returns the policy's name and the document to store: the policy itself, even if it was sent as <c>{"policy":…}</c>.</summary>
    /// <param name="organization">The organization that the policy is for.</param>
    /// <param name="expected">The name in the path; null if the path has none.</param>
    /// <param name="body">The document.</param>
    /// <exception cref="ControlRefusalException">The document is not a policy, or its name differs from the one in the path.</exception>
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

    /// <summary>A stored document, to be shown; null when it is not JSON, which only damage makes it.</summary>
    public static JsonElement? TryJson(string stored)
    {
        try
        {
            return Json(stored);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A stored document, to be shown.</summary>
    public static JsonElement Json(string stored)
    {
        using JsonDocument document = JsonDocument.Parse(stored);
        return document.RootElement.Clone();
    }
}
