using System.CommandLine;
using System.Text.Json;
using Tarn.Core.Backups;
using Tarn.Server.Backups;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Backups;

/// <summary><c>tarn backup verify</c>.</summary>
internal static class BackupVerifyCommand
{
    public static Command Create(ControlCli cli, TimeProvider time)
    {
        Argument<string> target = BackupCommand.Target("The directory of the backups; where it does not exist here, the server is asked.");
        Option<string?> name = BackupCommand.Name();
        return cli.Offline(
            "verify",
            "Read every byte of a backup and compare it with its checksum; exit code 1 if anything is damaged, or was left out because it was.",
            [target, name],
            async (parsed, client, output, cancellationToken) =>
            {
                if (client is not null && !BackupOffline.IsHere(parsed.GetRequiredValue(target)))
                {
                    var body = new BackupVerifyBody { Target = parsed.GetRequiredValue(target), Name = parsed.GetValue(name) };
                    JsonElement job = await client.SendAsync(HttpMethod.Post, "/api/backups/verify", body, ControlJson.Default.BackupVerifyBody, cancellationToken);
                    await BackupWait.RunAsync(parsed, client, output, job, isDetached: false, time, cancellationToken);
                    return;
                }

                await using IBackupTarget place = await BackupOffline.OpenAsync(parsed.GetRequiredValue(target), keeps: true, cancellationToken);
                IReadOnlyList<BackupProblem> problems = await BackupOffline.ShowAsync(
                    parsed, time, progress => BackupReading.VerifyAsync(place, parsed.GetValue(name), progress, cancellationToken));
                BackupOffline.Report(output, problems, "the backup is intact");
                if (problems.Count > 0)
                {
                    throw new CliException($"{problems.Count} {(problems.Count == 1 ? "problem" : "problems")}: the backup is damaged or incomplete");
                }
            });
    }
}
