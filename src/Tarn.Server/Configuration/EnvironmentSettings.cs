using System.Collections;
using System.Text.RegularExpressions;

namespace Tarn.Server.Configuration;

/// <summary>
/// Settings given as environment variables. A variable that begins with <c>TARN_</c> and belongs to no setting is refused, since it is
/// most likely a typo. Those of the commands, of tests and of Kubernetes are ignored.
/// </summary>
/// <param name="variables">The environment of the process.</param>
/// <param name="settings">The settings there are. The variables of other commands' settings are ignored.</param>
internal sealed partial class EnvironmentSettings(IReadOnlyDictionary<string, string> variables, IReadOnlyList<Setting> settings) : SettingSource
{
    public const string Prefix = "TARN_";

    /// <summary>The prefix of variables for tests, which start servers in their own environment.</summary>
    public const string TestPrefix = "TARN_TEST_";

    /// <summary>Variables of the commands that talk to a server: the shell that starts a server may have them set.</summary>
    public static readonly IReadOnlyList<string> OfCommands = ["TARN_ENDPOINT", "TARN_API_KEY"];

    /// <summary>The environment that this process was started with.</summary>
    public static IReadOnlyDictionary<string, string> OfProcess() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(static pair => (string)pair.Key, static pair => (string)pair.Value!);

    public override string Label(Setting setting) => setting.Variable;

    /// <exception cref="StartupException">A variable is unknown.</exception>
    public override void Load()
    {
        foreach (Setting setting in settings)
        {
            if (variables.GetValueOrDefault(setting.Variable) is { Length: > 0 } value)
            {
                Put(setting, setting.Repeatable ? value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [value]);
            }
        }

        foreach ((string name, string value) in variables.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && value.Length > 0 && !IsKnown(name, value))
            {
                throw new StartupException($"unknown variable '{name}'");
            }
        }
    }

    private static bool IsKnown(string name, string value) =>
        Settings.All.Concat(AcceleratorSettings.All).Any(setting => setting.Variable == name)
        || OfCommands.Contains(name)
        || name.StartsWith(TestPrefix, StringComparison.Ordinal)
        || IsServiceLink(name, value);

    /// <summary>
    /// Whether Kubernetes set the variable: it describes services to containers in variables named after them, and those of a service <c>tarn</c> or
    /// <c>tarn-s3</c> begin as a setting does. Source: Kubernetes documentation, "Accessing the Service", environment variables.
    /// </summary>
    private static bool IsServiceLink(string name, string value) =>
        ServiceHostOrPort().IsMatch(name) || (LinkUrl().IsMatch(value) && LinkPort().IsMatch(name)) || LinkPart().IsMatch(name);

    [GeneratedRegex("_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$")]
    private static partial Regex ServiceHostOrPort();

    [GeneratedRegex("_PORT(_[0-9]+_(TCP|UDP|SCTP))?$")]
    private static partial Regex LinkPort();

    [GeneratedRegex("_PORT_[0-9]+_(TCP|UDP|SCTP)_(PROTO|PORT|ADDR)$")]
    private static partial Regex LinkPart();

    [GeneratedRegex("^(tcp|udp|sctp)://")]
    private static partial Regex LinkUrl();
}
