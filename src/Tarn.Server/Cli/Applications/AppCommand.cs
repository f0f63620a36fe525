using System.CommandLine;

namespace Tarn.Server.Cli.Applications;

/// <summary><c>tarn app</c>.</summary>
internal static class AppCommand
{
    public static Command Create(ControlCli cli) => cli.Group("app", "Applications that store their data here.", AppCreateCommand.Create(cli));
}
