using System.CommandLine;

namespace Tarn.Server.Cli.Mirrors;

/// <summary><c>tarn mirror</c>.</summary>
internal static class MirrorCommand
{
    public static Command Create(ControlCli cli, TimeProvider time) => cli.Group(
        "mirror",
        "The mirror of the data directory.",
        MirrorStatusCommand.Create(cli, time),
        MirrorRetryCommand.Create(cli));
}
