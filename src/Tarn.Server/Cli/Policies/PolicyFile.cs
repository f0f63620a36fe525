using System.Text.Json;

namespace Tarn.Server.Cli.Policies;

/// <summary>Reads a policy document given to a command.</summary>
internal static class PolicyFile
{
    /// <exception cref="CliException">The file cannot be read.</exception>
    public static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            if (path != "-")
            {
                return await File.ReadAllBytesAsync(path, cancellationToken);
            }

            using var content = new MemoryStream();
            await using Stream input = Console.OpenStandardInput();
            await input.CopyToAsync(content, cancellationToken);
            return content.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The policy's name in its document.</summary>
    /// <exception cref="CliException">The document is not a JSON object, or has no name.</exception>
    public static string Name(byte[] document)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(document);
            JsonElement policy = json.RootElement.TryGetProperty("policy", out JsonElement inner) ? inner : json.RootElement;
            if (policy.TryGetProperty("name", out JsonElement name) && name.GetString() is { Length: > 0 } text)
            {
                return text;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CliException("the policy is not a JSON object", e);
        }

        throw new CliException("the policy has no name");
    }
}
