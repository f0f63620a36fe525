using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Tarn.Server.Cli.Help;

/// <summary>The help of every command: the parser's, with examples; and for the program itself the commands in groups.</summary>
/// <param name="usual">The parser's.</param>
/// <param name="groups">The commands of the program, in the order of the page.</param>
internal sealed class CommandHelp(HelpAction usual, IReadOnlyList<(string Heading, IReadOnlyList<Command> Commands)> groups) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Command command = parseResult.CommandResult.Command;
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (command is RootCommand)
        {
            WriteProgram(command, output);
        }
        else
        {
            usual.Invoke(parseResult);
        }

        string path = CommandRunner.Path(parseResult.CommandResult);
        string[] shown =
        [
            .. command is RootCommand
                ? HelpExamples.OfProgram
                : HelpExamples.All.Where(example => example == path || example.StartsWith(path + " ", StringComparison.Ordinal)),
        ];
        if (shown.Length > 0)
        {
            output.WriteLine("Examples:");
            foreach (string example in shown)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
        }

        return ExitCode.Done;
    }

    /// <summary>The first sentence of a description, without its end.</summary>
    public static string Summary(Command command) => command.Description!.Split(". ")[0].TrimEnd('.');

    private void WriteProgram(Command program, TextWriter output)
    {
        output.WriteLine(program.Description);
        output.WriteLine();
        output.WriteLine("Usage:");
        output.WriteLine("  tarn COMMAND [options]");
        output.WriteLine();
        int width = groups.SelectMany(static group => group.Commands).Max(static command => command.Name.Length);
        foreach ((string heading, IReadOnlyList<Command> commands) in groups)
        {
            output.WriteLine($"{heading}:");
            foreach (Command command in commands)
            {
                output.WriteLine($"  {command.Name.PadRight(width)}  {Summary(command)}");
            }

            output.WriteLine();
        }

        output.WriteLine("Every command has --help, and those that print data have --json. tarn --version prints the version.");
        output.WriteLine();
    }
}
