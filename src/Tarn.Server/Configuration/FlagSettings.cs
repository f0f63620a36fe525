namespace Tarn.Server.Configuration;

/// <summary>Settings given as flags.</summary>
/// <param name="flag">The values given for a flag; null when it was not given. Not asked for secrets, which have none.</param>
internal sealed class FlagSettings(Func<Setting, string[]?> flag) : SettingSource
{
    public override string Label(Setting setting) => setting.Flag;

    public override void Load()
    {
        foreach (Setting setting in Settings.All)
        {
            if (!setting.Secret && flag(setting) is { } texts)
            {
                Put(setting, texts);
            }
        }
    }
}
