using System.Text;
using System.Text.Json;

namespace Tarn.Server.Configuration;

/// <summary>Settings given in a JSON file: one object whose keys are the settings' names. Comments and trailing commas are allowed.</summary>
/// <param name="path">The path of the file.</param>
/// <param name="settings">The settings there are.</param>
internal sealed class FileSettings(string path, IReadOnlyList<Setting> settings) : SettingSource
{
    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public override string Label(Setting setting) => $"{path}: {setting.Name}";

    /// <exception cref="StartupException">The file cannot be read, or has a key that names no setting.</exception>
    public override void Load()
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(Content(), Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new StartupException($"{path}: expected one JSON object");
            }

            var found = new Dictionary<Setting, string[]>();
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                Setting setting = settings.FirstOrDefault(s => s.Name == property.Name && s != Settings.Config)
                    ?? throw new StartupException($"{path}: unknown key '{property.Name}'");
                found[setting] = Texts(setting, property.Value);
            }

            foreach ((Setting setting, string[] texts) in found)
            {
                Put(setting, texts);
            }
        }
        catch (JsonException e)
        {
            throw new StartupException($"{path}: not valid JSON (line {e.LineNumber + 1})", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path}: cannot read the configuration file: {e.Message}", e);
        }
    }

    /// <summary>The content without the byte order mark that some editors write.</summary>
    private ReadOnlyMemory<byte> Content()
    {
        byte[] content = File.ReadAllBytes(path);
        return content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? content.AsMemory(Encoding.UTF8.Preamble.Length) : content;
    }

    private string[] Texts(Setting setting, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Number => [value.GetRawText()],
        JsonValueKind.True or JsonValueKind.False when setting.IsSwitch => [value.GetRawText()],
        JsonValueKind.Array when setting.Repeatable => [.. value.EnumerateArray().SelectMany(v => Texts(setting, v))],
        _ => throw new StartupException($"{path}: {setting.Name}: expected {(setting.Repeatable ? "text or a list of texts" : "text")}"),
    };
}
