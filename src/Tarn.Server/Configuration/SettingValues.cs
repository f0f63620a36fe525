using System.Text.Json;

namespace Tarn.Server.Configuration;

/// <summary>What was set, from the strongest source that set it: flag, environment, configuration file, default.</summary>
internal sealed class SettingValues
{
    private readonly List<Layer> _layers = [];

    private SettingValues() { }

    /// <param name="flag">The values given for a flag; null when it was not given.</param>
    /// <param name="variable">The value of an environment variable; null or empty when it is not set.</param>
    /// <exception cref="StartupException">The configuration file cannot be read.</exception>
    public static SettingValues Collect(Func<Setting, string[]?> flag, Func<string, string?> variable)
    {
        var values = new SettingValues();
        values._layers.Add(new Layer(s => s.Flag, s => s.Secret ? null : flag(s)));
        values._layers.Add(new Layer(s => s.Variable, s => FromVariable(s, variable(s.Variable))));
        if (values.Find(Settings.Config) is { } config)
        {
            string path = config.Single();
            Dictionary<string, string[]> file = ReadFile(path);
            values._layers.Add(new Layer(s => $"{path}: {s.Name}", s => file.GetValueOrDefault(s.Name)));
        }

        return values;
    }

    /// <summary>The value of a setting that has a default.</summary>
    public SettingValue Get(Setting setting) =>
        Find(setting) ?? new SettingValue(setting.Flag, [setting.Default!]);

    /// <summary>What was set explicitly; null when nothing was.</summary>
    public SettingValue? Find(Setting setting)
    {
        foreach (Layer layer in _layers)
        {
            if (layer.Values(setting) is { Length: > 0 } found)
            {
                return new SettingValue(layer.Label(setting), found);
            }
        }

        return null;
    }

    private static string[]? FromVariable(Setting setting, string? value) =>
        string.IsNullOrEmpty(value) ? null
        : setting.Repeatable ? value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        : [value];

    private static Dictionary<string, string[]> ReadFile(string path)
    {
        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new StartupException($"{path}: expected one JSON object");
            }

            var values = new Dictionary<string, string[]>(StringComparer.Ordinal);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                Setting setting = Settings.All.FirstOrDefault(s => s.Name == property.Name && s != Settings.Config)
                    ?? throw new StartupException($"{path}: unknown key '{property.Name}'");
                values[setting.Name] = Texts(path, setting, property.Value);
            }

            return values;
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

    private static string[] Texts(string path, Setting setting, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Number => [value.GetRawText()],
        JsonValueKind.True or JsonValueKind.False when setting.IsSwitch => [value.GetRawText()],
        JsonValueKind.Array when setting.Repeatable => [.. value.EnumerateArray().SelectMany(v => Texts(path, setting, v))],
        _ => throw new StartupException($"{path}: {setting.Name}: expected {(setting.Repeatable ? "text or a list of texts" : "text")}"),
    };

    private sealed record Layer(Func<Setting, string> Label, Func<Setting, string[]?> Values);
}

/// <summary>What a setting was set to, and by what: <paramref name="Label"/> is how to call the source in a message.</summary>
internal sealed record SettingValue(string Label, string[] Texts)
{
    /// <exception cref="StartupException">There is more than one.</exception>
    public string Single() =>
        Texts.Length == 1 ? Texts[0] : throw new StartupException($"{Label}: expected one value, got {Texts.Length}");

    /// <summary>The refusal of this value, naming where it came from.</summary>
    public StartupException Refuse(string why) => new($"{Label}: {why}");
}
