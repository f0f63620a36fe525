using System.CommandLine;
using Tarn.Server.Control.Archil;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk user remove</c>.</summary>
internal static class DiskUserRemoveCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk();
        Argument<string> key = ControlCli.Argument("KEY", "The user's access key.");
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "remove",
            "Remove a user: its key is refused from the next request on.",
            [disk, key, org],
            async (parsed, client, output, cancellationToken) =>
            {
                string id = await DiskCommand.IdAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken);
                string user = parsed.GetRequiredValue(key);
                await client.SendAsync(
                    HttpMethod.Delete,
                    ControlClient.Query(ControlClient.Path("api", "disks", id, "users", DiskUserView.S3), ("identifier", user)),
                    cancellationToken);
                output.Done("removed", user);
            });
    }
}
