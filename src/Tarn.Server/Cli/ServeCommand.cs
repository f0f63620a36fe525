using System.CommandLine;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli;

/// <summary><c>tarn serve</c>: runs the server until it is told to stop.</summary>
internal static class ServeCommand
{
    /// <param name="variables">The environment.</param>
    /// <param name="run">Runs the server once its options are bound.</param>
    public static Command Create(
        IReadOnlyDictionary<string, string> variables, Func<ServerOptions, TextWriter, CancellationToken, Task<int>> run)
    {
        var command = new Command("serve", "Run the server.");
        var flags = new Dictionary<Setting, Option<string[]>>();
        foreach (Setting setting in Settings.All.Where(s => !s.Secret))
        {
            var option = new Option<string[]>(setting.Flag)
            {
                Description = setting.Help + (setting.Default is null ? "" : $" Default: {setting.Default}."),
                HelpName = setting.ValueName,
                Arity = setting.IsSwitch ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
                AllowMultipleArgumentsPerToken = false,
            };
            flags.Add(setting, option);
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            SettingValues values = SettingValues.Collect(
                setting => flags.TryGetValue(setting, out Option<string[]>? option) && parsed.GetResult(option) is not null
                    ? parsed.GetValue(option) is { Length: > 0 } texts ? texts : setting.IsSwitch ? ["true"] : []
                    : null,
                variables);
            return run(ServerOptionsBinder.Bind(values), parsed.InvocationConfiguration.Output, cancellationToken);
        });
        return command;
    }
}
