using System.CommandLine;

namespace Tarn.Server.Cli.Objects;

/// <summary><c>tarn object</c>.</summary>
internal static class ObjectCommand
{
    public static Command Create(ControlCli cli) => cli.Group(
        "object",
        "Stored objects.",
        new Command("damaged", "Objects of which stored data is damaged or missing.")
        {
            DamagedListCommand.Create(cli),
            DamagedDropCommand.Create(cli),
        });
}
