using System.CommandLine;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk delete</c>.</summary>
internal static class DiskDeleteCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk();
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "delete",
            "Delete a disk with its users and links, and the directory created for it; an attached directory is left alone.",
            [disk, org],
            async (parsed, client, output, cancellationToken) =>
            {
                string id = await DiskCommand.IdAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken);
                await client.SendAsync(HttpMethod.Delete, ControlClient.Path("api", "disks", id), cancellationToken);
                output.Done("deleted", id);
            });
    }
}
