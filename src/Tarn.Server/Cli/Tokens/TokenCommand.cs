using System.CommandLine;

namespace Tarn.Server.Cli.Tokens;

/// <summary><c>tarn token</c>.</summary>
internal static class TokenCommand
{
    public static Command Create(ControlCli cli) => cli.Group(
        "token",
        "Tokens for the control API.",
        TokenCreateCommand.Create(cli),
        TokenListCommand.Create(cli),
        TokenDeleteCommand.Create(cli));
}
