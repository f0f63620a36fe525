using System.Globalization;
using Tarn.Core.Jobs;
using Tarn.Server.Auditing;

namespace Tarn.Server.Jobs;

/// <summary>The line of the audit log about the end of a job. That it was asked for or cancelled is in the lines of those requests.</summary>
internal static class JobAudit
{
    public static AuditEvent Ended(string id, JobRecord job) => new()
    {
        Time = DateTimeOffset.FromUnixTimeMilliseconds(job.Finished),
        Plane = "server",
        Operation = "EndJob",
        Resource = "/api/jobs/" + id,
        Requester = job.Requester.Arn,
        AccessKey = job.Requester.HoldsToken ? null : job.Requester.CredentialId,
        TokenId = job.Requester.HoldsToken ? job.Requester.CredentialId : null,
        Subjects =
        [
            new("kind", JobNames.Of(job.Parameters.Kind)),
            new("bucket", job.Parameters.Bucket),
            new("prefix", AuditSubjects.Safe(job.Parameters.Prefix)),
            new("dryRun", job.Parameters.DryRun ? "true" : "false"),
            new("state", JobNames.Of(job.State)),
            new("done", job.Counts.Done.ToString(CultureInfo.InvariantCulture)),
            new("failed", job.Counts.Failed.ToString(CultureInfo.InvariantCulture)),
            new("reason", job.Reason ?? ""),
        ],
    };
}

/// <summary>The names of kinds and states in JSON and on the command line.</summary>
internal static class JobNames
{
    public static string Of(JobKind kind) => kind.ToString().ToLowerInvariant();

    public static string Of(JobState state) => state.ToString().ToLowerInvariant();

    /// <summary>The kind of a name; null when there is none.</summary>
    public static JobKind? Kind(string name) => Enum.GetValues<JobKind>().Cast<JobKind?>().FirstOrDefault(kind => Of(kind!.Value) == name);
}
