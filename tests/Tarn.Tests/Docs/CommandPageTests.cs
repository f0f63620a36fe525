using System.CommandLine;
using Tarn.Server;

namespace Tarn.Tests.Docs;

public sealed class CommandPageTests
{
    [Fact]
    public void The_page_of_commands_has_the_usage_of_every_command()
    {
        Command tarn = TarnCommand.Create(new Dictionary<string, string>(), TimeProvider.System);
        HashSet<string> serve = [.. tarn.Subcommands.Single(static command => command.Name == "serve").Options.Where(static option => !option.Hidden && option is not System.CommandLine.Help.HelpOption).Select(static option => option.Name)];
        string[] expected = [.. Usages("./tarn", tarn, serve).Order(StringComparer.Ordinal)];
        string[] listed = [.. Pages.Read("docs/reference/cli.md").Split('\n')
            .Where(line => line.StartsWith("./tarn ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, listed);
    }

    private static IEnumerable<string> Usages(string path, Command command, HashSet<string> serve)
    {
        if (command.Subcommands.Count > 0)
        {
            IEnumerable<string> children = command.Subcommands.Where(static child => !child.Hidden).SelectMany(child => Usages($"{path} {child.Name}", child, serve));
            return command.Action is null ? children : children.Append(Line(path, command, serve));
        }

        return [Line(path, command, serve)];
    }

    /// <param name="path">The command with those above it.</param>
    /// <param name="command">The command.</param>
    /// <param name="serve">The server's settings, which have a page of their own.</param>
    private static string Line(string path, Command command, HashSet<string> serve)
    {
        Option[] shown = [.. command.Options.Where(option => !option.Hidden && option is not System.CommandLine.Help.HelpOption)];
        bool takesSettings = serve.IsSubsetOf(shown.Select(static option => option.Name));
        IEnumerable<string> own = shown.Where(option => !takesSettings || !serve.Contains(option.Name)).Select(Usage);
        string[] settings = !takesSettings ? [] : command.Name == "serve" ? ["[…]"] : ["[FLAGS OF SERVE]"];
        return string.Join(' ', [path, .. command.Arguments.Select(static argument => argument.Name + (argument.Arity.MaximumNumberOfValues > 1 ? " …" : "")), .. settings, .. own]);
    }

    private static string Usage(Option option)
    {
        string text = $"{option.Name} {option.HelpName}".TrimEnd() + (option.Arity.MaximumNumberOfValues > 1 ? " …" : "");
        return option.Required ? text : $"[{text}]";
    }
}
