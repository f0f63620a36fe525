using System.CommandLine;
using Tarn.Core;
using Tarn.Core.Consistency;
using Tarn.Server.Storage;

namespace Tarn.Server.Cli.Fsck;

/// <summary><c>tarn fsck</c>: checks a data directory on which no server runs, or makes a new one of what its blobs tell.</summary>
internal static class FsckCommand
{
    private const string DefaultRegion = "us-east-1";

    /// <param name="time">The clock.</param>
    public static Command Create(TimeProvider time)
    {
        Option<string> data = ControlCli.RequiredText("--data", "DIR", "The data directory, or a copy of one. It may be read-only: nothing is written to it.");
        Option<bool> quick = new("--quick") { Description = "Do not read the bytes of blobs and of the metadata's files; compare rows, lengths and what is there." };
        Option<bool> rebuild = new("--rebuild") { Description = "Make a new data directory of what the blobs say of themselves, for a store whose metadata is lost." };
        Option<string?> into = ControlCli.Text("--into", "NEWDIR", "The data directory that --rebuild makes.");
        Option<bool> link = new("--link") { Description = "With --rebuild: give blobs a second name instead of copying them, where that is possible. Damage to one is then damage to both." };
        Option<bool> json = new("--json") { Description = "Print one JSON document." };
        var command = new Command("fsck", "Check a data directory on which no server runs; it is not changed.") { data, quick, rebuild, into, link, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            var progress = new FsckProgress(TerminalLine.Of(parsed), time);
            var report = new FsckReport(parsed.InvocationConfiguration.Output, parsed.GetValue(json), progress);
            string root = Path.GetFullPath(parsed.GetRequiredValue(data));
            try
            {
                return (parsed.GetValue(rebuild), parsed.GetValue(into)) switch
                {
                    (false, null) when !parsed.GetValue(link) => await CheckAsync(root, parsed.GetValue(quick), report, cancellationToken),
                    (true, { Length: > 0 } target) when !parsed.GetValue(quick) => await RebuildAsync(root, target, parsed.GetValue(link), report, time, cancellationToken),
                    _ => throw new CliException("--rebuild and --into NEWDIR go together, without --quick, and --link goes with them"),
                };
            }
            catch (OperationCanceledException)
            {
                progress.Clear();
                throw;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                progress.Clear();
                await error.WriteLineAsync($"tarn: {e.Message.ReplaceLineEndings(" ")}");
                return ExitCode.NotRun;
            }
        });
        return command;
    }

    private static async Task<int> CheckAsync(string root, bool isQuick, FsckReport report, CancellationToken cancellationToken)
    {
        await using OfflineStore store = OfflineStore.Open(root);
        if (store.Metadata is null)
        {
            await report.AddAsync(new Finding(
                FindingKind.Metadata,
                $"The metadata cannot be opened, so nothing else can be checked: {store.MetadataProblem!.TrimEnd('.')}. Restore a backup; without one, tarn fsck --rebuild makes a new store of what the blobs tell."));
            await report.FinishAsync(new CheckSummary { Problems = 1, IsIncomplete = true }, store.Notices);
            return ExitCode.Failed;
        }

        CheckSummary summary = await ConsistencyCheck.RunAsync(
            store.Metadata, store.Blobs, new CheckOptions { ReadsData = !isQuick }, report.AddAsync, report.Advance, cancellationToken);
        await report.FinishAsync(summary, store.Notices);
        return summary is { Problems: 0, IsIncomplete: false } ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<int> RebuildAsync(string root, string into, bool isLinking, FsckReport report, TimeProvider time, CancellationToken cancellationToken)
    {
        await using OfflineStore store = OfflineStore.OpenBlobs(root);
        await using RebuildDirectory made = RebuildDirectory.Open(into, root, SystemRandomSource.Instance);
        var target = new RebuildTarget(made.Metadata, made.Blobs, time, SystemRandomSource.Instance, DefaultRegion)
        {
            SyncBlobsAsync = made.Blobs.SyncAsync,
            TryLink = isLinking ? blob => made.Blobs.TryLink(store.Blobs, blob) : null,
        };
        RebuildSummary summary = await Rebuild.RunAsync(store.Blobs, target, report.AddAsync, report.Advance, cancellationToken);
        made.Finish();
        await report.FinishAsync(summary);
        return summary.Unplaced == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
