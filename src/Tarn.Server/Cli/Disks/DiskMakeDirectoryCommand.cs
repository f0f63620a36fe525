using System.CommandLine;
using Tarn.Server.Control.Archil;
using Tarn.Server.Control.Endpoints;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk mkdir</c>.</summary>
internal static class DiskMakeDirectoryCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> target = ControlCli.Argument("DISK:/PATH", "The directory to create.");
        var parents = new Option<bool>("--parents") { Description = "Create missing directories above it too; an existing one is no error." };
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "mkdir",
            "Create a directory on a disk.",
            [target, parents, org],
            async (parsed, client, output, cancellationToken) =>
            {
                DiskPlace place = DiskPlace.Parse(parsed.GetRequiredValue(target));
                string id = await DiskCommand.IdAsync(client, place.Disk, parsed.GetValue(org), cancellationToken);
                await client.SendAsync(
                    HttpMethod.Post,
                    ControlClient.Path("api", "disks", id, "directories"),
                    new DirectoryBody { Path = place.Path, Parents = parsed.GetValue(parents) },
                    ControlJson.Default.DirectoryBody,
                    cancellationToken);
                output.Done("created", place.Path);
            });
    }
}
