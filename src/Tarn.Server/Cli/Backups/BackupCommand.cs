using System.CommandLine;

namespace Tarn.Server.Cli.Backups;

/// <summary><c>tarn backup</c>.</summary>
internal static class BackupCommand
{
    /// <param name="cli">What commands share.</param>
    /// <param name="time">The clock.</param>
    public static Command Create(ControlCli cli, TimeProvider time) => cli.Group(
        "backup",
        "Backups of a running server, and stores made of them.",
        BackupCreateCommand.Create(cli, time),
        BackupListCommand.Create(cli),
        BackupVerifyCommand.Create(cli, time),
        BackupRestoreCommand.Create(cli, time),
        BackupDeleteCommand.Create(cli, time),
        BackupStatusCommand.Create(cli),
        BackupCancelCommand.Create(cli));

    /// <summary>The argument that names the place.</summary>
    public static Argument<string> Target(string description) => ControlCli.Argument("TARGET", description);

    /// <summary>The option that names a backup.</summary>
    public static Option<string?> Name() => ControlCli.Text("--name", "NAME", "The backup; by default the newest that has object data, or else the newest.");
}
