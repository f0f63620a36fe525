using System.Text.Json;
using System.Text.Json.Nodes;
using Tarn.Server.Cli.Policies;

namespace Tarn.Server.Cli.Issuers;

/// <summary>Reads the conditions on claims that <c>--subject</c> or <c>--conditions</c> give.</summary>
internal static class ClaimsFile
{
    /// <summary>The conditions; null if neither is given.</summary>
    /// <exception cref="CliException">Both are given, or the file is not JSON.</exception>
    public static async Task<JsonElement?> ReadAsync(string[] subjects, string? file, CancellationToken cancellationToken)
    {
        if (file is not null && subjects.Length > 0)
        {
            throw new CliException("give either --subject or --conditions");
        }

        if (file is not null)
        {
            return await JsonAsync(file, cancellationToken);
        }

        if (subjects.Length == 0)
        {
            return null;
        }

        var values = new JsonArray([.. subjects.Select(static subject => (JsonNode?)JsonValue.Create(subject))]);
        var made = new JsonObject { ["StringLike"] = new JsonObject { ["sub"] = values } };
        using JsonDocument document = JsonDocument.Parse(made.ToJsonString());
        return document.RootElement.Clone();
    }

    /// <summary>Reads a document; <c>-</c> for standard input.</summary>
    /// <exception cref="CliException">It is not JSON.</exception>
    public static async Task<JsonElement> JsonAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(await PolicyFile.ReadAsync(path, cancellationToken));
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new CliException($"{path}: not valid JSON: {e.Message}", e);
        }
    }
}
