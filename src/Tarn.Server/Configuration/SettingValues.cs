namespace Tarn.Server.Configuration;

/// <summary>
/// The values of all settings. Of several sources the first one wins: flags, environment variables, the configuration file, defaults. Values of one setting
/// from different sources are not merged.
/// </summary>
internal sealed class SettingValues
{
    private readonly SettingSource[] _strongestFirst;

    private SettingValues(IConfigurationRoot configuration)
    {
        Configuration = configuration;
        _strongestFirst = [.. configuration.Providers.OfType<SettingSource>().Reverse()];
    }

    /// <summary>The sources as a .NET configuration.</summary>
    public IConfigurationRoot Configuration { get; }

    /// <summary>Reads the flags, the environment and the configuration file.</summary>
    /// <param name="flag">Returns the values given for a flag, null if it was not given.</param>
    /// <param name="variables">The environment.</param>
    /// <param name="settings">The settings there are; null: those of <c>tarn serve</c>.</param>
    /// <exception cref="StartupException">The configuration file cannot be read, or an unknown setting was given.</exception>
    public static SettingValues Collect(Func<Setting, string[]?> flag, IReadOnlyDictionary<string, string> variables, IReadOnlyList<Setting>? settings = null)
    {
        settings ??= Settings.All;
        var flags = new FlagSettings(flag, settings);
        var environment = new EnvironmentSettings(variables, settings);
        var values = new SettingValues(new ConfigurationBuilder().Add(environment).Add(flags).Build());
        return values.Find(Settings.Config) is { } config
            ? new SettingValues(new ConfigurationBuilder().Add(new FileSettings(config.Single(), settings)).Add(environment).Add(flags).Build())
            : values;
    }

    /// <summary>The value of a setting that has a default.</summary>
    public SettingValue Get(Setting setting) =>
        Find(setting) ?? new SettingValue(setting.Flag, [setting.Default!]);

    /// <summary>The value that was set explicitly; null if none was.</summary>
    public SettingValue? Find(Setting setting)
    {
        foreach (SettingSource source in _strongestFirst)
        {
            if (source.Find(setting) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>A secret, or else the first line of the file that the same source names for it; null if neither is set.</summary>
    /// <exception cref="StartupException">The file cannot be read.</exception>
    public SettingValue? FindSecret(Setting secret)
    {
        foreach (SettingSource source in _strongestFirst)
        {
            if (source.Find(secret) is { } text)
            {
                return text;
            }

            if (source.Find(secret.InFile!) is { } file)
            {
                return new SettingValue(file.Label, [FirstLine(file)]);
            }
        }

        return null;
    }

    private static string FirstLine(SettingValue file)
    {
        try
        {
            return File.ReadLines(file.Single()).FirstOrDefault() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException($"{file.Label}: cannot be read: {e.Message}", e);
        }
    }
}
