using System.CommandLine;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk share list</c>.</summary>
internal static class DiskShareListCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk();
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "list",
            "List the links to files of a disk.",
            [disk, org],
            async (parsed, client, output, cancellationToken) =>
            {
                string? organization = parsed.GetValue(org);
                string id = await DiskCommand.IdAsync(client, parsed.GetRequiredValue(disk), organization, cancellationToken);
                output.List(
                    await client.ListAsync(ControlClient.Query("/api/shares", ("disk", id), ("organization", organization)), "links", cancellationToken),
                    "id", "key", "createdAt", "expiresAt", "createdBy");
            });
    }
}
