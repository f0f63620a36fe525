using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Backups;

/// <summary><c>tarn backup delete</c>.</summary>
internal static class BackupDeleteCommand
{
    public static Command Create(ControlCli cli, TimeProvider time)
    {
        Argument<string> target = BackupCommand.Target("The directory of the backups, below the server's backup root.");
        Argument<string> name = ControlCli.Argument("NAME", "The backup.");
        return cli.Verb(
            "delete",
            "Remove a backup, and what no other backup in the directory needs.",
            [target, name],
            async (parsed, client, output, cancellationToken) =>
            {
                string path = ControlClient.Path("api", "backups", parsed.GetRequiredValue(name));
                JsonElement job = await client.SendAsync(HttpMethod.Delete, ControlClient.Query(path, ("target", parsed.GetRequiredValue(target))), cancellationToken);
                await BackupWait.RunAsync(parsed, client, output, job, isDetached: false, time, cancellationToken);
            });
    }
}
