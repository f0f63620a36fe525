using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Backups;

/// <summary>Waits for a job of the server, with a progress bar. The job goes on when the command is interrupted.</summary>
internal static class BackupWait
{
    /// <exception cref="CliException">The job failed, or something is damaged.</exception>
    public static async Task RunAsync(
        ParseResult parsed, ControlClient client, CliOutput output, JsonElement begun, bool isDetached, TimeProvider time, CancellationToken cancellationToken)
    {
        string id = Read(begun).Id;
        JsonElement last = await Waiting.UntilAsync(
            parsed,
            begun,
            state => isDetached || Read(state).State != "running",
            async () =>
            {
                JsonElement now = await client.SendAsync(HttpMethod.Get, "/api/backups/job", cancellationToken);
                return Read(now).Id == id ? now : throw new CliException($"the server was restarted, or does other work now: how {id} ended is in its log");
            },
            static state =>
            {
                BackupJobView now = Read(state);
                return BackupBar.Line(now.Phase, now.DoneBytes, now.TotalBytes, now.DoneBlobs, now.TotalBlobs);
            },
            time,
            cancellationToken);
        BackupJobView job = Read(last);
        output.Show(last, _ => Text(job));
        if (job.State is "failed" or "cancelled")
        {
            throw new CliException(job.Error ?? job.State);
        }

        if (job.State == "damaged")
        {
            throw new CliException($"{job.ProblemCount} {(job.ProblemCount == 1 ? "problem" : "problems")}: data is damaged or missing in the backup");
        }
    }

    /// <summary>The text form of a job.</summary>
    public static string Text(BackupJobView job) =>
        string.Concat(job.Problems.Select(static problem => BackupText.Line(problem) + "\n"))
        + string.Concat(job.Notices.Select(static notice => $"note: {TerminalText.Of(notice)}\n"))
        + $"{job.Work} {job.Id}: {job.State}; {HumanBytes.Of(job.DoneBytes)} in {job.DoneBlobs} blobs, {HumanBytes.Of(job.CopiedBytes)} copied\n";

    public static BackupJobView Read(JsonElement job) => JsonSerializer.Deserialize(job, ControlJson.Default.BackupJobView)!;
}
