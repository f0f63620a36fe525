using System.CommandLine;

namespace Tarn.Server.Cli.Accelerators;

/// <summary><c>tarn accelerator</c>.</summary>
internal static class AcceleratorCommand
{
    public static Command Create(ControlCli cli, TimeProvider time) => cli.Group(
        "accelerator",
        "Accelerators: caches on other machines that every request passes.",
        AcceleratorStatusCommand.Create(cli),
        AcceleratorPrestageCommand.Create(cli, time),
        AcceleratorClearCommand.Create(cli),
        AcceleratorClearCommand.List(cli),
        AcceleratorTokenCommand.Create(cli));
}
