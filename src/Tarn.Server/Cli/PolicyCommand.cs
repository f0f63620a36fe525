using System.CommandLine;

namespace Tarn.Server.Cli;

/// <summary><c>tarn policy</c>.</summary>
internal static class PolicyCommand
{
    public static Command Create(ControlCli cli) => cli.Group(
        "policy",
        "What policies decide, and whether one can be understood.",
        PolicyExplainCommand.Create(cli),
        PolicyLintCommand.Create(cli));
}
