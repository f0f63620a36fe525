using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Backups;

/// <summary><c>tarn backup status</c>.</summary>
internal static class BackupStatusCommand
{
    public static Command Create(ControlCli cli) => cli.Verb(
        "status",
        "Show the work on backups that is under way, or was the last.",
        [],
        async (_, client, output, cancellationToken) =>
        {
            JsonElement job = await client.SendAsync(HttpMethod.Get, "/api/backups/job", cancellationToken);
            output.Show(job, shown =>
            {
                Control.Tarn.BackupJobView view = BackupWait.Read(shown);
                return BackupWait.Text(view) + $"{BackupBar.Line(view.Phase, view.DoneBytes, view.TotalBytes, view.DoneBlobs, view.TotalBlobs)}\n"
                    + (view.Error is null ? "" : $"{view.Error}\n");
            });
        });
}
