using System.Globalization;
using Tarn.Core.Backups;

namespace Tarn.Server.Cli.Backups;

/// <summary>The text form of what commands on backups print.</summary>
internal static class BackupText
{
    /// <summary>A problem as a line: its kind, what is affected, and the sentence.</summary>
    public static string Line(BackupProblem problem)
    {
        string what = problem.Bucket is null ? "" : problem.Key is null ? $" {problem.Bucket}" : $" {problem.Bucket}/{problem.Key}";
        string version = problem.VersionId is null or "null" ? "" : $" version {problem.VersionId}";
        string upload = problem.UploadId is null ? "" : $" upload {problem.UploadId}";
        string part = problem.Part > 0 ? string.Create(CultureInfo.InvariantCulture, $" part {problem.Part}") : "";
        string data = problem.Data is null ? "" : $" [data {problem.Data}]";
        return TerminalText.Of($"{problem.Kind}{what}{version}{upload}{part}: {problem.Detail}{data}");
    }
}
