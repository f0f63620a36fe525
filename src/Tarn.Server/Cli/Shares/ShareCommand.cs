using System.CommandLine;

namespace Tarn.Server.Cli.Shares;

/// <summary><c>tarn share</c>.</summary>
internal static class ShareCommand
{
    public static Command Create(ControlCli cli) => cli.Group(
        "share",
        "Links to objects; tarn disk share creates links to files of disks.",
        ShareCreateCommand.Create(cli),
        ShareListCommand.Create(cli),
        ShareRevokeCommand.Create(cli));

    public static Option<string?> Expires() =>
        ControlCli.Text("--expires", "DURATION", "How long it works: 90s, 15m, 12h, at most 7d. A day by default.");
}
