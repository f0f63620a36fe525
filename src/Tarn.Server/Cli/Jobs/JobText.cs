using System.Globalization;
using System.Text;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Jobs;

/// <summary>The text form of a job.</summary>
internal static class JobText
{
    /// <summary>A line for each key that failed, and one for the job.</summary>
    public static string Of(JsonElement job) => Of(Read(job));

    /// <inheritdoc cref="Of(JsonElement)"/>
    public static string Of(JobView job)
    {
        var text = new StringBuilder();
        foreach (JobErrorView error in job.Errors ?? [])
        {
            string version = error.VersionId is null ? "" : $" version {error.VersionId}";
            text.AppendLine(TerminalText.Of($"{error.Key}{version}: {error.Code}: {error.Message}"));
        }

        if (job.OmittedErrors > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{job.OmittedErrors} more keys failed");
        }

        string reason = job.Reason is null ? "" : $" ({job.Reason})";
        text.AppendLine(TerminalText.Of(string.Create(
            CultureInfo.InvariantCulture,
            $"{job.Kind} {job.Id}{(job.DryRun ? ", dry run" : "")}: {job.State}{reason}; {job.Done} done, {job.Failed} failed, {job.Skipped} skipped, {HumanBytes.Of(job.Bytes)}")));
        return text.ToString();
    }

    /// <summary>How far a job is, as a line: with a bar if it is known how many keys there are.</summary>
    public static string Line(JobView job)
    {
        long worked = job.Done + job.Failed + job.Skipped;
        string counts = string.Create(CultureInfo.InvariantCulture, $"{job.State}: {worked:N0} keys, {job.Failed:N0} failed, {HumanBytes.Of(job.Bytes)}");
        if (job.Expected is not { } expected)
        {
            return counts;
        }

        return $"{TerminalLine.Part(worked, expected)}  {counts}";
    }

    public static JobView Read(JsonElement job) => JsonSerializer.Deserialize(job, ControlJson.Default.JobView)!;
}
