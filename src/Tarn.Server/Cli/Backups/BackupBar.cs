using System.Globalization;

namespace Tarn.Server.Cli.Backups;

/// <summary>How far a backup is.</summary>
internal static class BackupBar
{
    /// <summary>The line.</summary>
    public static string Line(string phase, long doneBytes, long totalBytes, long doneBlobs, long totalBlobs) => string.Create(
        CultureInfo.InvariantCulture, $"{TerminalLine.Part(doneBytes, totalBytes, HumanBytes.Of)}, {doneBlobs:N0} of {totalBlobs:N0} blobs, {phase}");
}
