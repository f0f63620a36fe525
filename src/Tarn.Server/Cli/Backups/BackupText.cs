using System.Globalization;
using Tarn.Core.Backups;

namespace Tarn.Server.Cli.Backups;

/// <summary>The text form of what commands on backups print.</summary>
internal static class BackupText
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

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

    /// <summary>A size in bytes, rounded.</summary>
    public static string Size(long bytes)
    {
        double size = bytes;
        int unit = 0;
        while (size >= 1024 && unit < Units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{size.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {Units[unit]}");
    }
}
