using System.CommandLine;
using Tarn.Server;

namespace Tarn.Tests.Docs;

public sealed class CommandPageTests
{
    [Fact]
    public void The_page_of_commands_has_the_usage_of_every_command()
    {
        string[] expected = [.. Usages("./tarn", TarnCommand.Create(new Dictionary<string, string>(), TimeProvider.System)).Order(StringComparer.Ordinal)];
        string[] listed = [.. Pages.Read("docs/reference/cli.md").Split('\n')
            .Where(line => line.StartsWith("./tarn ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, listed);
    }

    private static IEnumerable<string> Usages(string path, Command command)
    {
        if (command.Subcommands.Count > 0)
        {
            IEnumerable<string> children = command.Subcommands.SelectMany(child => Usages($"{path} {child.Name}", child));
            return command.Action is null ? children : children.Append(Line(path, command));
        }

        return [Line(path, command)];
    }

    private static string Line(string path, Command command)
    {
        // The server's settings have a page of their own.
        IEnumerable<string> options = command.Name == "serve" ? ["[…]"] : command.Options.Where(option => !option.Hidden && option is not System.CommandLine.Help.HelpOption).Select(Usage);
        return string.Join(' ', [path, .. command.Arguments.Select(argument => argument.Name), .. options]);
    }

    private static string Usage(Option option)
    {
        string text = $"{option.Name} {option.HelpName}".TrimEnd() + (option.Arity.MaximumNumberOfValues > 1 ? " …" : "");
        return option.Required ? text : $"[{text}]";
    }
}
