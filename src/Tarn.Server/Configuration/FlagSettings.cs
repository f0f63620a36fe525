namespace Tarn.Server.Configuration;

/// <summary>Settings given as flags.</summary>
/// <param name="flag">Returns the values given for a flag, null if it was not given. Not called for secrets, which have no flag.</param>
/// <param name="settings">The settings there are.</param>
internal sealed class FlagSettings(Func<Setting, string[]?> flag, IReadOnlyList<Setting> settings) : SettingSource
{
    public override string Label(Setting setting) => setting.Flag;

    public override void Load()
    {
        foreach (Setting setting in settings)
        {
            if (!setting.Secret && flag(setting) is { } texts)
            {
                Put(setting, texts);
            }
        }
    }
}
