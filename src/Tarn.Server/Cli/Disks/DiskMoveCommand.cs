using System.CommandLine;
using Tarn.Server.Control.Archil;
using Tarn.Server.Control.Endpoints;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk mv</c>.</summary>
internal static class DiskMoveCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> from = ControlCli.Argument("DISK:/FROM", "The file or directory to rename.");
        Argument<string> to = ControlCli.Argument("DISK:/TO", "Its new path, on the same disk.");
        Option<bool> replace = DiskPutCommand.Replace();
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "mv",
            "Rename a file or directory of a disk.",
            [from, to, replace, org],
            async (parsed, client, output, cancellationToken) =>
            {
                DiskPlace source = DiskPlace.Parse(parsed.GetRequiredValue(from));
                DiskPlace target = DiskPlace.Parse(parsed.GetRequiredValue(to));
                if (source.Disk != target.Disk)
                {
                    throw new CliException("nothing can be renamed from one disk to another");
                }

                string id = await DiskCommand.IdAsync(client, source.Disk, parsed.GetValue(org), cancellationToken);
                await client.SendAsync(
                    HttpMethod.Post,
                    ControlClient.Path("api", "disks", id, "rename"),
                    new RenameBody { From = source.Path, To = target.Path, Replace = parsed.GetValue(replace) },
                    ControlJson.Default.RenameBody,
                    cancellationToken);
                output.Done("renamed", target.Path);
            });
    }
}
