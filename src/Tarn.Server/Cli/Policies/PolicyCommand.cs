using System.CommandLine;

namespace Tarn.Server.Cli.Policies;

/// <summary><c>tarn policy</c>.</summary>
internal static class PolicyCommand
{
    public static Command Create(ControlCli cli) => cli.Group(
        "policy",
        "Explain decisions and check policies.",
        PolicyExplainCommand.Create(cli),
        PolicyLintCommand.Create(cli));
}
