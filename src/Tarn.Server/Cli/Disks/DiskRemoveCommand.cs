using System.CommandLine;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk rm</c>.</summary>
internal static class DiskRemoveCommand
{
    /// <summary>How long a directory with everything in it may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    public static Command Create(ControlCli cli)
    {
        Argument<string> target = ControlCli.Argument("DISK:/PATH", "The file or directory to delete.");
        var recursive = new Option<bool>("--recursive") { Description = "Delete a directory with everything in it." };
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "rm",
            "Delete a file or directory of a disk.",
            [target, recursive, org],
            async (parsed, client, output, cancellationToken) =>
            {
                DiskPlace place = DiskPlace.Parse(parsed.GetRequiredValue(target));
                string id = await DiskCommand.IdAsync(client, place.Disk, parsed.GetValue(org), cancellationToken);
                string path = ControlClient.Query(
                    ControlClient.Path("api", "disks", id, "files"), ("path", place.Path), ("recursive", parsed.GetValue(recursive) ? "true" : null));
                await client.SendAsync(HttpMethod.Delete, path, [], "application/octet-stream", Patience, cancellationToken);
                output.Done("deleted", place.Path);
            });
    }
}
