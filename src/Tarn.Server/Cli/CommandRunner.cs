using System.CommandLine;
using System.CommandLine.Parsing;
using Tarn.Server.Configuration;
using Tarn.Server.Logging;

namespace Tarn.Server.Cli;

/// <summary>Runs a command. Any error becomes one line on standard error and a non-zero exit code.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(RootCommand root, string[] args, TextWriter? output = null, TextWriter? error = null)
    {
        output ??= StandardStreams.OutputWriter();
        error ??= StandardStreams.ErrorWriter();
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && (args.Length > 0 || parsed.CommandResult.Command != root))
        {
            await ReportAsync(error, $"{Problem(parsed)} (see {Path(parsed.CommandResult)} --help)");
            return ExitCode.NotRun;
        }

        if (args.Length == 0)
        {
            parsed = root.Parse(["--help"]);
        }

        try
        {
            // The server handles signals and drains itself; the parser's own handler would cut it short after 2 seconds.
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception e) when (e is StartupException or CliException)
        {
            await ReportAsync(error, e.Message);
            return ExitCode.Failed;
        }
        catch (IOException e)
        {
            // Commands report failures of servers and files as CliException: what remains is a failure to write the output.
            await ReportAsync(error, $"the output cannot be written: {e.Message}");
            return ExitCode.Failed;
        }
    }

    /// <summary>Says it on one line; what files and servers put into it, a terminal does not obey.</summary>
    private static async Task ReportAsync(TextWriter error, string message)
    {
        try
        {
            await error.WriteLineAsync($"tarn: {TerminalText.Of(message.ReplaceLineEndings(" "))}");
        }
        catch (IOException)
        {
            // Standard error cannot be written either; the exit code still reports the failure.
        }
    }

    /// <summary>The command as it is typed: <c>tarn bucket list</c>.</summary>
    internal static string Path(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Path(parent)} {command.Command.Name}" : "tarn";

    private static string Problem(ParseResult parsed) =>
        parsed.UnmatchedTokens is [string token, ..]
            ? $"unknown {(token.StartsWith('-') ? "flag" : "command or argument")} '{token}'"
            : parsed.Errors[0].Message;
}
