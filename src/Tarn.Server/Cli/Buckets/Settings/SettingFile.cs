using System.Text;
using System.Text.Json;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Policy.Documents;

namespace Tarn.Server.Cli.Buckets.Settings;

/// <summary>The file of a bucket's settings: a JSON object with a member for each, <c>null</c> for one that is not set.</summary>
internal static class SettingFile
{
    /// <summary>The member that says which members there are and what they mean.</summary>
    public const string VersionMember = "schemaVersion";

    public const int Version = 1;

    /// <summary>Bytes; more than all settings together may have.</summary>
    private const int Limit = 32 << 20;

    /// <summary>The text of a file with these settings, in the table's order.</summary>
    public static string Write(IReadOnlyDictionary<string, SettingValue?> settings) => SettingValue.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber(VersionMember, Version);
        foreach (SettingKind kind in SettingKinds.All.Where(kind => settings.ContainsKey(kind.Name)))
        {
            writer.WritePropertyName(kind.Name);
            if (settings[kind.Name] is { } value)
            {
                using JsonDocument document = JsonDocument.Parse(value.Text);
                document.WriteTo(writer);
            }
            else
            {
                writer.WriteNullValue();
            }
        }

        writer.WriteEndObject();
    }) + "\n";

    /// <summary>Reads a file, all of it, as the settings of a bucket.</summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="text">UTF-8.</param>
    /// <param name="bucket">The bucket, which its policy has to be for.</param>
    /// <returns>What it says: a setting that is not in it is to be left alone, one that is null to be removed.</returns>
    /// <exception cref="CliException">It is not such a file, or a server would refuse what is in it.</exception>
    public static IReadOnlyDictionary<string, SettingValue?> Read(string name, byte[] text, BucketName bucket)
    {
        if (text.Length > Limit)
        {
            throw new CliException($"{name}: it has more than {HumanBytes.Of(Limit)}");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text.AsMemory(text.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? 3 : 0));
            return Read(name, document.RootElement, bucket);
        }
        catch (JsonException e)
        {
            throw new CliException($"{name}: it is not JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new CliException($"{name}: a text in it is not Unicode", e);
        }
    }

    private static Dictionary<string, SettingValue?> Read(string name, JsonElement root, BucketName bucket)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(VersionMember, out JsonElement version))
        {
            throw new CliException($"{name}: it is no file of settings: the member {VersionMember} is missing");
        }

        if (version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out int number) || number != Version)
        {
            throw new CliException($"{name}: its {VersionMember} is {version.GetRawText()}; this build has {Version}");
        }

        var settings = new Dictionary<string, SettingValue?>(StringComparer.Ordinal);
        foreach (JsonProperty member in root.EnumerateObject().Where(static member => member.Name != VersionMember))
        {
            SettingKind kind = SettingKinds.Find(member.Name) ?? throw new CliException(
                $"{name}: '{member.Name}' is no setting (settings: {string.Join(", ", SettingKinds.All.Select(static known => known.Name))})");
            if (!settings.TryAdd(kind.Name, member.Value.ValueKind == JsonValueKind.Null ? null : ReadSetting(kind, member.Value, $"{name}: {kind.Name}", bucket)))
            {
                throw new CliException($"{name}: {kind.Name} is there twice");
            }
        }

        return settings;
    }

    private static SettingValue? ReadSetting(SettingKind kind, JsonElement value, string place, BucketName bucket)
    {
        try
        {
            if (kind.Root is { } root)
            {
                return SettingValue.Of(kind, SettingJson.Read(root, value, place));
            }

            var policy = SettingValue.OfPolicy(value);
            return policy.Body(kind) is { Length: <= BucketPolicy.MaxBytes } body && BucketPolicy.Parse(body, bucket) is not null
                ? policy
                : throw new CliException($"{place}: a policy may have {BucketPolicy.MaxBytes} bytes");
        }
        catch (S3Exception e)
        {
            throw new CliException($"{place}: {e.Message}", e);
        }
    }
}
