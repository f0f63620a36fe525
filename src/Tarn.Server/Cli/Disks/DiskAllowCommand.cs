using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Archil;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk allow</c>.</summary>
internal static class DiskAllowCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk();
        Option<string?> org = ControlCli.Organization();
        Option<string[]> allowed = DiskCommand.Allowed();
        return cli.Verb(
            "allow",
            "Replace the list of addresses that may read a disk over S3.",
            [disk, org, allowed],
            async (parsed, client, output, cancellationToken) =>
            {
                string id = await DiskCommand.IdAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken);
                JsonElement now = await client.SendAsync(
                    HttpMethod.Put,
                    ControlClient.Path("api", "disks", id, "allowed-ips"),
                    new AllowedIps { Networks = parsed.GetValue(allowed) ?? [] },
                    ControlJson.Default.AllowedIps,
                    cancellationToken);
                output.Show(now);
            });
    }
}
