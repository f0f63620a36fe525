using System.CommandLine;

namespace Tarn.Server.Cli.Backups;

/// <summary><c>tarn backup cancel</c>.</summary>
internal static class BackupCancelCommand
{
    public static Command Create(ControlCli cli) => cli.Verb(
        "cancel",
        "End the work on backups that is under way; what a backup has copied is not copied again.",
        [],
        async (_, client, output, cancellationToken) =>
        {
            await client.SendAsync(HttpMethod.Delete, "/api/backups/job", cancellationToken);
            output.Done("cancelled", "job");
        });
}
