using System.CommandLine;

namespace Tarn.Server.Cli.Scrubbing;

/// <summary><c>tarn scrub</c>.</summary>
internal static class ScrubCommand
{
    public static Command Create(ControlCli cli, TimeProvider time) => cli.Group(
        "scrub",
        "The passes in which a server looks whether all stored data is what was stored.",
        ScrubOrderCommands.Status(cli, time),
        ScrubOrderCommands.Start(cli, time),
        ScrubOrderCommands.Pause(cli),
        ScrubOrderCommands.Resume(cli),
        ScrubReportCommand.Create(cli),
        OrphanCommands.Create(cli, time));
}
