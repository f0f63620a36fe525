using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Backups;

/// <summary>Waits for a job of the server, with a progress bar. The job goes on when the command is interrupted.</summary>
internal static class BackupWait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <exception cref="CliException">The job failed, or something is damaged.</exception>
    public static async Task RunAsync(
        ParseResult parsed, ControlClient client, CliOutput output, JsonElement begun, bool isDetached, TimeProvider time, CancellationToken cancellationToken)
    {
        BackupJobView job = Read(begun);
        using var bar = new BackupBar(parsed.InvocationConfiguration.Error);
        JsonElement last = begun;
        using var timer = new PeriodicTimer(Pause, time);
        while (!isDetached && job.State == "running" && await timer.WaitForNextTickAsync(cancellationToken))
        {
            last = await client.SendAsync(HttpMethod.Get, "/api/backups/job", cancellationToken);
            BackupJobView now = Read(last);
            if (now.Id != job.Id)
            {
                throw new CliException($"the server was restarted, or does other work now: how {job.Id} ended is in its log");
            }

            job = now;
            bar.Show(job.Phase, job.DoneBytes, job.TotalBytes, job.DoneBlobs, job.TotalBlobs);
        }

        bar.Clear();
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
