using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Jobs;

/// <summary>Waits for a job, with a line of progress, and shows it.</summary>
internal static class JobWait
{
    /// <exception cref="CliException">The job failed or was cancelled, or a key failed.</exception>
    public static async Task RunAsync(
        ParseResult parsed, ControlClient client, CliOutput output, JsonElement begun, bool isDetached, TimeProvider time, CancellationToken cancellationToken)
    {
        string path = ControlClient.Path("api", "jobs", JobText.Read(begun).Id);
        JsonElement last = await Waiting.UntilAsync(
            parsed,
            begun,
            state => isDetached || JobText.Read(state).State is not ("queued" or "running"),
            () => client.SendAsync(HttpMethod.Get, path, cancellationToken),
            static state => JobText.Line(JobText.Read(state)),
            time,
            cancellationToken);
        output.Show(last, JobText.Of);
        JobView job = JobText.Read(last);
        if (job.State is "failed" or "cancelled")
        {
            throw new CliException(job.Reason ?? job.State);
        }

        if (job.Failed > 0 && !isDetached)
        {
            throw new CliException(job.Failed == 1 ? "1 key failed" : string.Create(CultureInfo.InvariantCulture, $"{job.Failed} keys failed"));
        }
    }
}
