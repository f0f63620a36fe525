using System.CommandLine;
using System.CommandLine.Parsing;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Help;
using Tarn.Tests.Docs;

namespace Tarn.Tests.Cli;

/// <summary>What all commands have in common: <c>--json</c>, help, exit codes, progress.</summary>
public sealed class CommandTreeTests
{
    /// <summary>The commands that print no data: servers, and text for a shell.</summary>
    private static readonly string[] WithoutJson = ["serve", "accelerate", "completion"];

    private static RootCommand Tarn => TarnCommand.Create(new Dictionary<string, string>(), TimeProvider.System);

    public static TheoryData<string> Leaves => [.. Paths(Tarn).Where(static path => path.Length > 0)];

    public static TheoryData<string> Examples => [.. HelpExamples.All.Distinct()];

    [Theory]
    [MemberData(nameof(Leaves))]
    public void A_command_prints_json_if_it_prints_data(string path)
    {
        IReadOnlyList<Command> chain = Chain(Tarn, path);
        int switches = chain.SelectMany(static command => command.Options).Count(static option => option.Name == "--json" && option is Option<bool>);
        Assert.Equal(WithoutJson.Contains(path) ? 0 : 1, switches);
    }

    [Theory]
    [MemberData(nameof(Leaves))]
    public void A_summary_is_one_sentence_that_fits_a_line_and_every_argument_and_option_is_described(string path)
    {
        Command command = Chain(Tarn, path)[^1];
        Assert.InRange(CommandHelp.Summary(command).Length, 10, 130);
        Assert.All(command.Arguments, static argument => Assert.NotEmpty(argument.Description ?? ""));
        Assert.All(command.Options, static option => Assert.NotEmpty(option.Description ?? ""));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_is_a_command_line_that_is_understood(string example)
    {
        string line = example.Split(" > ")[0];
        if (line.StartsWith("source <(", StringComparison.Ordinal))
        {
            line = line["source <(".Length..^1];
        }

        ParseResult parsed = Tarn.Parse(CommandLineParser.SplitCommandLine(line).Skip(1).ToArray());
        Assert.Empty(parsed.Errors);
        Assert.Empty(parsed.UnmatchedTokens);
    }

    [Fact]
    public async Task Help_groups_all_commands_and_every_noun_has_an_example()
    {
        string help = await HelpAsync();
        Assert.All(Tarn.Subcommands.Where(static command => !command.Hidden), command => Assert.Contains($"\n  {command.Name} ", help, StringComparison.Ordinal));
        Assert.DoesNotContain("\n  complete ", help, StringComparison.Ordinal);
        Assert.DoesNotContain(help.Split('\n'), static line => line.Length > 150);
        foreach (Command command in Tarn.Subcommands.Where(static command => !command.Hidden))
        {
            Assert.Contains($"Examples:\n  tarn {command.Name}", await HelpAsync(command.Name), StringComparison.Ordinal);
        }

        Assert.Equal(help, await HelpAsync([], "-h"));
        Assert.DoesNotContain("tarn bucket list", await HelpAsync("bucket", "apply"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_has_the_exit_codes()
    {
        int[] defined = [.. typeof(ExitCode).GetFields().Select(static field => (int)field.GetRawConstantValue()!)];
        Assert.Equal([0, 1, 2, 130, 143], defined.Order());
        Assert.Equal(defined.Order(), Pages.Table("docs/reference/cli.md", "| Exit code |").Select(static row => int.Parse(row[0], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Exit_codes_and_progress_come_from_one_place()
    {
        string folder = Path.Combine(Pages.Root, "src/Tarn.Server/Cli");
        foreach (string file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        {
            string text = File.ReadAllText(file), name = Path.GetFileName(file);
            Assert.False(text.Contains("\\r", StringComparison.Ordinal) && !file.Contains("/Doctor/Checks/", StringComparison.Ordinal) && name != "TerminalLine.cs", $"{name} writes over a line itself");
            Assert.False(text.Contains("new TerminalLine", StringComparison.Ordinal), $"{name} decides itself whether progress is shown");
            Assert.False(text.Contains("new PeriodicTimer", StringComparison.Ordinal) && name != "Waiting.cs", $"{name} waits for a server itself");
        }
    }

    [Theory]
    [InlineData(false, "bucket", "list")]
    [InlineData(true, "bucket", "list", "--json")]
    [InlineData(true, "bucket", "--json", "list")]
    [InlineData(true, "disk", "user", "list", "logs", "--json")]
    [InlineData(false, "fsck", "--data", "x")]
    [InlineData(true, "fsck", "--data", "x", "--json")]
    [InlineData(true, "trace", "--json")]
    [InlineData(false, "completion", "bash")]
    public void Progress_is_for_people(bool expected, params string[] arguments) => Assert.Equal(expected, TerminalLine.IsForPrograms(Tarn.Parse(arguments)));

    [Fact]
    public void A_line_is_written_over_and_removed_and_elsewhere_nothing_is_written()
    {
        using StringWriter terminal = new(), pipe = new();
        using (TerminalLine shown = new(terminal, isShown: true), hidden = new(pipe, isShown: false))
        {
            shown.Show(static () => TerminalLine.Part(512, 1024, HumanBytes.Of));
            shown.Show(static () => "end");
            hidden.Show(static () => throw new InvalidOperationException());
        }

        string first = "[###############...............]  50 %  512 bytes of 1.0 KiB";
        Assert.Equal($"\r{first}\rend{new string(' ', first.Length - 3)}\r   \r", terminal.ToString());
        Assert.Equal("", pipe.ToString());
        Assert.StartsWith("[..............................]   0 %", TerminalLine.Part(0, 0, HumanBytes.Of), StringComparison.Ordinal);
    }

    private static async Task<string> HelpAsync(params string[] path) => await HelpAsync(path, "--help");

    private static async Task<string> HelpAsync(string[] path, string flag)
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(0, await CommandRunner.RunAsync(Tarn, [.. path, flag], output, error));
        Assert.Equal("", error.ToString());
        return output.ToString();
    }

    private static IEnumerable<string> Paths(Command command, string path = "")
    {
        IEnumerable<string> below = command.Subcommands.Where(static child => !child.Hidden).SelectMany(child => Paths(child, $"{path} {child.Name}".Trim()));
        return command.Action is null || command is RootCommand ? below : below.Prepend(path);
    }

    private static List<Command> Chain(Command tarn, string path)
    {
        var chain = new List<Command> { tarn };
        foreach (string name in path.Split(' '))
        {
            chain.Add(chain[^1].Subcommands.Single(child => child.Name == name));
        }

        return chain;
    }
}
