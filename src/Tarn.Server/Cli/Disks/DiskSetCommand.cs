using System.CommandLine;
using Tarn.Server.Control.Archil;
using Tarn.Server.Control.Endpoints;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk set</c>.</summary>
internal static class DiskSetCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk();
        Option<string> write = ControlCli.RequiredText("--write", "on|off", "Whether files of the disk may be written from afar.");
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "set",
            "Set whether the files of a disk may be written through the control API. Only the server's root user turns it on for an attached directory.",
            [disk, write, org],
            async (parsed, client, output, cancellationToken) =>
            {
                bool value = DiskGrowingFilesCommand.Read(write.Name, parsed.GetRequiredValue(write))!.Value;
                string id = await DiskCommand.IdAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken);
                output.Show(await client.SendAsync(
                    HttpMethod.Put, ControlClient.Path("api", "disks", id, "writing"), new DiskWriting { Writing = value }, ControlJson.Default.DiskWriting, cancellationToken));
            });
    }
}
