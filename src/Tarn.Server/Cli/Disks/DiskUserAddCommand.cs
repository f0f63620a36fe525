using System.CommandLine;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Archil;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk user add</c>.</summary>
internal static class DiskUserAddCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk();
        Option<string?> org = ControlCli.Organization();
        Option<string?> nickname = ControlCli.Text("--nickname", "TEXT", "The user's display name.");
        return cli.Verb(
            "add",
            "Add a user: an access key that can read this disk and nothing else; its secret is shown only once.",
            [disk, org, nickname],
            async (parsed, client, output, cancellationToken) =>
            {
                string id = await DiskCommand.IdAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken);
                output.Show(await client.SendAsync(
                    HttpMethod.Post,
                    ControlClient.Path("api", "disks", id, "users"),
                    new DiskUserBody { Type = DiskUserView.S3, Nickname = parsed.GetValue(nickname) },
                    ControlJson.Default.DiskUserBody,
                    cancellationToken));
            });
    }
}
