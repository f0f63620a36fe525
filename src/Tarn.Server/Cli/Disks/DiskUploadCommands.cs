using System.CommandLine;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk upload</c>: large files that were begun and not completed.</summary>
internal static class DiskUploadCommands
{
    public static Command Create(ControlCli cli) => new("upload", "Large files on their way to a disk; disk put begins them, and goes on with them.")
    {
        List(cli),
        Show(cli),
        Abort(cli),
    };

    private static Command List(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk();
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "list",
            "List the uploads of a disk.",
            [disk, org],
            async (parsed, client, output, cancellationToken) =>
            {
                string id = await DiskCommand.IdAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken);
                output.List(await client.ListAsync(ControlClient.Path("api", "disks", id, "uploads"), "uploads", cancellationToken), "uploadId", "path", "offset", "length", "replace", "createdAt");
            });
    }

    private static Command Show(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk(), upload = ControlCli.Argument("ID", "The upload.");
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "show",
            "Show an upload, and how much of it has arrived.",
            [disk, upload, org],
            async (parsed, client, output, cancellationToken) =>
            {
                string id = await DiskCommand.IdAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken);
                output.Show(await client.SendAsync(HttpMethod.Get, ControlClient.Path("api", "disks", id, "uploads", parsed.GetRequiredValue(upload)), cancellationToken));
            });
    }

    private static Command Abort(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk(), upload = ControlCli.Argument("ID", "The upload.");
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "abort",
            "Remove an upload and what has arrived of it.",
            [disk, upload, org],
            async (parsed, client, output, cancellationToken) =>
            {
                string id = await DiskCommand.IdAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken);
                await client.SendAsync(HttpMethod.Delete, ControlClient.Path("api", "disks", id, "uploads", parsed.GetRequiredValue(upload)), cancellationToken);
                output.Done("aborted", parsed.GetRequiredValue(upload));
            });
    }
}
