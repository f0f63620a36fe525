using System.Globalization;

namespace Tarn.Server.Configuration;

/// <summary>
/// A source of settings: flags, environment variables or a file. Each is a configuration provider whose keys are the settings' names,
/// <c>name:0</c>, <c>name:1</c>… for several values of one setting.
/// </summary>
internal abstract class SettingSource : ConfigurationProvider, IConfigurationSource
{
    /// <summary>The setting's name in this source, for messages about its value.</summary>
    public abstract string Label(Setting setting);

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>The setting's value in this source; null if it is not set here.</summary>
    public SettingValue? Find(Setting setting)
    {
        if (TryGet(setting.Name, out string? one))
        {
            return new SettingValue(Label(setting), [one!]);
        }

        var texts = new List<string>();
        while (TryGet(Key(setting, texts.Count), out string? text))
        {
            texts.Add(text!);
        }

        return texts.Count == 0 ? null : new SettingValue(Label(setting), [.. texts]);
    }

    protected void Put(Setting setting, params ReadOnlySpan<string> texts)
    {
        if (texts.Length == 1 && !setting.Repeatable)
        {
            Set(setting.Name, texts[0]);
            return;
        }

        for (int i = 0; i < texts.Length; i++)
        {
            Set(Key(setting, i), texts[i]);
        }
    }

    private static string Key(Setting setting, int index) => string.Create(CultureInfo.InvariantCulture, $"{setting.Name}:{index}");
}
