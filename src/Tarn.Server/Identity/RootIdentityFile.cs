using System.Text.Json;
using System.Text.Json.Serialization;
using Tarn.Server.Configuration;

namespace Tarn.Server.Identity;

/// <summary>Reads the file in which builds before format 2 of the data directory kept the root identity, its secret in plain text.</summary>
internal static class RootIdentityFile
{
    /// <summary>Reads the file; null if there is none.</summary>
    /// <exception cref="StartupException">The file is damaged, unreadable or written by a newer build.</exception>
    public static RootIdentityRecord? Find(string path)
    {
        try
        {
            return File.Exists(path) ? Decode(path, File.ReadAllBytes(path)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path}: {e.Message}", e);
        }
    }

    private static RootIdentityRecord Decode(string path, byte[] content)
    {
        try
        {
            RootIdentityRecord? record = JsonSerializer.Deserialize(content, RootIdentityJson.Default.RootIdentityRecord);
            if (record is { Version: 1, CanonicalId.Length: 64 } && record.AccessKey is null == record.SecretKey is null)
            {
                return record;
            }
        }
        catch (JsonException e)
        {
            throw new StartupException($"{path}: damaged: not valid JSON", e);
        }

        throw new StartupException($"{path}: damaged, or written by a newer build");
    }
}

/// <summary>The content of <c>root-credentials.json</c>, version 1.</summary>
internal sealed record RootIdentityRecord
{
    public int Version { get; init; } = 1;

    public required string CanonicalId { get; init; }

    public string? AccessKey { get; init; }

    public string? SecretKey { get; init; }

    // The generated ToString would show the secret.
    public override string ToString() => CanonicalId;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RootIdentityRecord))]
internal sealed partial class RootIdentityJson : JsonSerializerContext;
