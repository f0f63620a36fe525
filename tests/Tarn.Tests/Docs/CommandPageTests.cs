using System.CommandLine;
using Tarn.Server;

namespace Tarn.Tests.Docs;

public sealed class CommandPageTests
{
    [Fact]
    public void The_page_of_commands_has_the_usage_of_every_command()
    {
        Command tarn = TarnCommand.Create(new Dictionary<string, string>(), TimeProvider.System);
        (string, HashSet<string>)[] servers = [.. tarn.Subcommands.Where(static command => command.Name is "serve" or "accelerate").Select(static command => (command.Name, Shown(command).Select(static option => option.Name).ToHashSet()))];
        string[] expected = [.. Usages("./tarn", tarn, servers).Order(StringComparer.Ordinal)];
        string[] listed = [.. Pages.Read("docs/reference/cli.md").Split('\n')
            .Where(line => line.StartsWith("./tarn ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, listed);
    }

    private static IEnumerable<string> Usages(string path, Command command, (string Name, HashSet<string> Flags)[] servers)
    {
        if (command.Subcommands.Count > 0)
        {
            IEnumerable<string> children = command.Subcommands.Where(static child => !child.Hidden).SelectMany(child => Usages($"{path} {child.Name}", child, servers));
            return command.Action is null ? children : children.Append(Line(path, command, servers));
        }

        return [Line(path, command, servers)];
    }

    /// <param name="path">The command with those above it.</param>
    /// <param name="command">The command.</param>
    /// <param name="servers">The settings of the commands that have many; those of the server have a page of their own.</param>
    private static string Line(string path, Command command, (string Name, HashSet<string> Flags)[] servers)
    {
        Option[] shown = [.. Shown(command)];
        (string Name, HashSet<string> Flags) taken = servers.FirstOrDefault(server => server.Flags.IsSubsetOf(shown.Select(static option => option.Name)) && (command.Name != server.Name || server.Name == "serve"));
        string[] settings = taken.Flags is null ? [] : command.Name == taken.Name ? ["[…]"] : [$"[FLAGS OF {taken.Name.ToUpperInvariant()}]"];
        IEnumerable<string> own = shown.Where(option => taken.Flags?.Contains(option.Name) != true).Select(Usage);
        return string.Join(' ', [path, .. command.Arguments.Select(static argument => argument.Name + (argument.Arity.MaximumNumberOfValues > 1 ? " …" : "")), .. settings, .. own]);
    }

    private static IEnumerable<Option> Shown(Command command) => command.Options.Where(static option => !option.Hidden && option is not System.CommandLine.Help.HelpOption);

    private static string Usage(Option option)
    {
        string text = $"{option.Name} {option.HelpName}".TrimEnd() + (option.Arity.MaximumNumberOfValues > 1 ? " …" : "");
        return option.Required ? text : $"[{text}]";
    }
}
