using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk user list</c>.</summary>
internal static class DiskUserListCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk();
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "list",
            "List who may read a disk over S3.",
            [disk, org],
            async (parsed, client, output, cancellationToken) =>
            {
                JsonElement found = await DiskCommand.FindAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken);
                output.List([.. found.GetProperty("authorizedUsers").EnumerateArray()], "accessKeyId", "nickname", "type", "createdAt");
            });
    }
}
