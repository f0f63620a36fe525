namespace Tarn.Server.Configuration;

/// <summary>Settings given as flags.</summary>
/// <param name="flag">Returns the values given for a flag, null if it was not given. Not called for secrets, which have no flag.</param>
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
