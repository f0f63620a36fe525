using System.CommandLine;
using System.Text.Json;
using Tarn.Core.Backups;
using Tarn.Server.Backups;
using Tarn.Server.Configuration;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Backups;

/// <summary>Reads backups in a directory of this machine, without a server.</summary>
internal static class BackupOffline
{
    /// <summary>Whether there is such a directory on this machine.</summary>
    public static bool IsHere(string target) => !BucketPlace.Is(target) && Directory.Exists(target);

    /// <param name="target">A directory or a bucket.</param>
    /// <param name="keeps">Whether no backup in a directory can be removed meanwhile.</param>
    /// <param name="cancellationToken">Cancels requests.</param>
    /// <exception cref="CliException">There are no backups.</exception>
    public static Task<IBackupTarget> OpenAsync(string target, bool keeps, CancellationToken cancellationToken) => GuardAsync<IBackupTarget>(async () => BucketPlace.Is(target)
        ? await S3Target.OpenAsync(S3Target.CreateClient(), BackupPlaces.ParseBucket(target), root: null, cancellationToken)
        : DirectoryTarget.OpenToRead(target, keeps));

    /// <summary>Runs such work, and shows how far it is.</summary>
    public static async Task<T> ShowAsync<T>(ParseResult parsed, TimeProvider time, Func<BackupProgress, Task<T>> work)
    {
        var progress = new BackupProgress();
        using var line = TerminalLine.Of(parsed);
        await using ITimer timer = time.CreateTimer(_ => Show(line, progress), null, Waiting.Pause, Waiting.Pause);
        return await GuardAsync(() => work(progress));
    }

    /// <summary>Prints problems, a line for each, or one JSON document.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="problems">What is damaged.</param>
    /// <param name="none">What is printed when nothing is.</param>
    public static void Report(CliOutput output, IReadOnlyList<BackupProblem> problems, string none) => output.Show(
        JsonSerializer.SerializeToElement(new BackupReportView(problems), ControlJson.Default.BackupReportView),
        _ => problems.Count == 0 ? none + "\n" : string.Concat(problems.Select(static problem => BackupText.Line(problem) + "\n")));

    /// <summary>Runs work that reads backups or makes a data directory; its failures are the command's.</summary>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is BackupRefusedException or StartupException or IOException or UnauthorizedAccessException)
        {
            throw new CliException(e.Message, e);
        }
    }

    private static void Show(TerminalLine line, BackupProgress progress)
    {
        lock (line)
        {
            line.Show(() => BackupBar.Line(progress.Phase, progress.DoneBytes, progress.TotalBytes, progress.DoneBlobs, progress.TotalBlobs));
        }
    }
}
