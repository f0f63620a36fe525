using System.CommandLine;

namespace Tarn.Server.Cli.Completion;

/// <summary><c>tarn completion</c>, which prints a shell's script, and <c>tarn complete</c>, which the script asks.</summary>
internal static class CompletionCommands
{
    public static Command Script()
    {
        var shell = new Argument<string>("bash|zsh|fish") { Description = "The shell." };
        var command = new Command("completion", "Print the script with which a shell completes the commands: source <(tarn completion bash).") { shell };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.Write(
            CompletionScripts.Find(parsed.GetRequiredValue(shell))
            ?? throw new CliException($"'{parsed.GetRequiredValue(shell)}' is none of {string.Join(", ", CompletionScripts.Files.Keys)}")));
        return command;
    }

    /// <param name="root">The program, with all its commands.</param>
    public static Command Candidates(Command root)
    {
        var words = new Argument<string[]>("WORD") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("complete", "Print what the last of these words may be.") { words };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            string[] given = parsed.GetValue(words) ?? [];
            foreach (string candidate in CompletionCandidates.Of(root, [.. given.SkipLast(1)], given.LastOrDefault() ?? ""))
            {
                parsed.InvocationConfiguration.Output.WriteLine(candidate);
            }
        });
        return command;
    }
}
