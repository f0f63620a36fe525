using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk accept</c>.</summary>
internal static class DiskAcceptCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk();
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "accept",
            "Accept the file systems that are mounted now as those of a disk, after a deliberate change.",
            [disk, org],
            async (parsed, client, output, cancellationToken) =>
            {
                string id = await DiskCommand.IdAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken);
                JsonElement now = await client.SendAsync(HttpMethod.Post, ControlClient.Path("api", "disks", id, "accept"), cancellationToken);
                output.List([.. now.GetProperty("fileSystems").EnumerateArray()], "path", "description");
            });
    }
}
