using System.Text.Json;
using System.Text.Json.Serialization;
using Tarn.Core;

namespace Tarn.Server.Configuration;

/// <summary>
/// Keeps the root identity in the data directory: its canonical id, and its key unless one is configured. The file is
/// readable by its owner only; the secret in it is not encrypted, because the server must start without being asked.
/// </summary>
internal static class RootIdentityFile
{
    private const string AccessKeyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private const string SecretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Reads the identity; makes what is missing of it and keeps that.</summary>
    /// <param name="configured">The key from the configuration, which takes precedence and is not stored.</param>
    /// <exception cref="StartupException">The file is damaged, unreadable or of a newer build.</exception>
    public static RootIdentity LoadOrCreate(string path, RootKey? configured, IRandomSource random)
    {
        try
        {
            RootIdentityRecord? stored = File.Exists(path) ? Decode(path, File.ReadAllBytes(path)) : null;
            RootIdentityRecord record = stored ?? new RootIdentityRecord { CanonicalId = NewCanonicalId(random) };
            bool isNewKey = configured is null && record.AccessKey is null;
            if (isNewKey)
            {
                record = record with { AccessKey = Pick(random, AccessKeyAlphabet, 20), SecretKey = Pick(random, SecretAlphabet, 40) };
            }

            if (record != stored)
            {
                AtomicFile.Write(path, Encode(record));
            }

            return new RootIdentity(record.CanonicalId, configured ?? new RootKey(record.AccessKey!, record.SecretKey!), isNewKey);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path}: {e.Message}", e);
        }
    }

    internal static byte[] Encode(RootIdentityRecord record) =>
        JsonSerializer.SerializeToUtf8Bytes(record, RootIdentityJson.Default.RootIdentityRecord);

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

    private static string NewCanonicalId(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[32];
        random.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    // Bytes past the last whole multiple of the alphabet are thrown away: every character is equally likely.
    private static string Pick(IRandomSource random, string alphabet, int length)
    {
        Span<char> text = stackalloc char[length];
        Span<byte> one = stackalloc byte[1];
        int limit = 256 - (256 % alphabet.Length);
        for (int i = 0; i < length;)
        {
            random.Fill(one);
            if (one[0] < limit)
            {
                text[i++] = alphabet[one[0] % alphabet.Length];
            }
        }

        return new string(text);
    }
}

/// <summary>What <c>root-credentials.json</c> holds, version 1.</summary>
internal sealed record RootIdentityRecord
{
    public int Version { get; init; } = 1;

    public required string CanonicalId { get; init; }

    public string? AccessKey { get; init; }

    public string? SecretKey { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(RootIdentityRecord))]
internal sealed partial class RootIdentityJson : JsonSerializerContext;
