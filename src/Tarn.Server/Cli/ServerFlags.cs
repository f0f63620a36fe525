using System.CommandLine;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli;

/// <summary>The flags of a server's settings, for commands that take them.</summary>
internal sealed class ServerFlags
{
    private readonly Dictionary<Setting, Option<string[]>> _options = [];

    /// <summary>Adds the flags to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="settings">The settings; null: those of <c>tarn serve</c>.</param>
    public ServerFlags(Command command, IReadOnlyList<Setting>? settings = null)
    {
        foreach (Setting setting in settings ?? Settings.All)
        {
            if (setting.Secret)
            {
                continue;
            }

            var option = new Option<string[]>(setting.Flag)
            {
                Description = setting.Help + (setting.Default is null ? "" : $" Default: {setting.Default}."),
                HelpName = setting.ValueName,
                Arity = setting.IsSwitch ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
                AllowMultipleArgumentsPerToken = false,
            };
            _options.Add(setting, option);
            command.Options.Add(option);
        }
    }

    /// <summary>What a command line gives for a setting; null if it does not.</summary>
    public string[]? Find(ParseResult parsed, Setting setting) =>
        _options.TryGetValue(setting, out Option<string[]>? option) && parsed.GetResult(option) is not null
            ? parsed.GetValue(option) is { Length: > 0 } texts ? texts : setting.IsSwitch ? ["true"] : []
            : null;

    /// <summary>What the command line of a server gives; null if this version does not understand it.</summary>
    /// <param name="arguments">The arguments of its process, the program among them; without <c>serve</c> they give nothing.</param>
    public static IReadOnlyDictionary<Setting, string[]>? Read(string[] arguments)
    {
        var serve = new Command("serve");
        var flags = new ServerFlags(serve);
        ParseResult parsed = serve.Parse([.. arguments.SkipWhile(argument => argument != serve.Name).Skip(1)]);
        return parsed.Errors.Count > 0
            ? null
            : flags._options.Keys.Where(setting => flags.Find(parsed, setting) is not null).ToDictionary(static setting => setting, setting => flags.Find(parsed, setting)!);
    }
}
