using System.CommandLine;
using Tarn.Server.Cli.Shares;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk share</c> and, for a disk that has the name of a command, <c>tarn disk share create</c>.</summary>
internal static class DiskShareCreateCommand
{
    public static Command Create(ControlCli cli, string name)
    {
        Argument<string> disk = DiskCommand.Disk();
        Argument<string> key = ControlCli.Argument("KEY", "The path of the file below the disk's root.");
        Option<string?> org = ControlCli.Organization();
        Option<string?> expires = ShareCommand.Expires();
        return cli.Verb(
            name,
            "Create a link with which anyone can read one file; its URL is shown only once.",
            [disk, key, org, expires],
            async (parsed, client, output, cancellationToken) =>
            {
                string id = await DiskCommand.IdAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken);
                output.Show(await client.SendAsync(
                    HttpMethod.Post,
                    ControlClient.Path("api", "disks", id, "share"),
                    new ShareBody
                    {
                        Key = parsed.GetRequiredValue(key), ExpiresIn = CliDuration.Seconds(expires.Name, parsed.GetValue(expires)),
                    },
                    ControlJson.Default.ShareBody,
                    cancellationToken));
            });
    }
}
