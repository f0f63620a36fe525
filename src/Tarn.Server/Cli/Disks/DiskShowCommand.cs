using System.CommandLine;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk show</c>.</summary>
internal static class DiskShowCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk();
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "show",
            "Show a disk, its directory and its users.",
            [disk, org],
            async (parsed, client, output, cancellationToken) =>
                output.Show(await DiskCommand.FindAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken)));
    }
}
