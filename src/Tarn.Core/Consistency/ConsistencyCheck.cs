using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Consistency;

/// <summary>
/// Checks both stores against each other and each in itself. It changes nothing, and needs stores that nothing else changes. docs/operations/recovery.md
/// </summary>
public static class ConsistencyCheck
{
    /// <summary>Checks the stores.</summary>
    /// <param name="rows">The metadata.</param>
    /// <param name="blobs">The blobs.</param>
    /// <param name="options">How they are checked.</param>
    /// <param name="found">Is given each problem as soon as it is found.</param>
    /// <param name="progress">Is told, often, how far the check is; null for nobody.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <exception cref="IOException"><paramref name="found"/> failed. What cannot be read is found, and the check goes on.</exception>
    public static async Task<CheckSummary> RunAsync(
        IKeyValueReader rows, IBlobStore blobs, CheckOptions options, Func<Finding, ValueTask> found, Action<CheckProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var run = new CheckRun(rows, blobs, options, found, progress);
        await new RowCheck(run).RunAsync(cancellationToken);

        if (options.ReadsData && rows is IVerifiableStore files)
        {
            await CheckFilesAsync(run, files, cancellationToken);
        }

        // Ids are random, so their first bytes divide the data evenly.
        int slices = 1;
        while (slices < BlobWalk.Directories && run.Memory / slices > options.MaxMemory)
        {
            slices *= 2;
        }

        var blobCheck = new BlobCheck(run);
        for (int first = 0; first < BlobWalk.Directories; first += BlobWalk.Directories / slices)
        {
            await new ReferenceCheck(run, blobCheck, first, first + (BlobWalk.Directories / slices)).RunAsync(cancellationToken);
        }

        await CountSetAsideAsync(run, cancellationToken);
        return run.Summary;
    }

    /// <summary>Blobs that a scrub has set aside are no problem: it has found that nothing refers to them.</summary>
    private static async ValueTask CountSetAsideAsync(CheckRun run, CancellationToken cancellationToken)
    {
        if (run.Blobs is not ISetAsideStore aside)
        {
            return;
        }

        try
        {
            await foreach (BlobInfo info in aside.ListAsideAsync(cancellationToken))
            {
                run.Summary = run.Summary with { SetAsideBlobs = run.Summary.SetAsideBlobs + 1, SetAsideBytes = run.Summary.SetAsideBytes + info.Length };
            }
        }
        catch (Exception e) when (run.IsFinding(e))
        {
            await run.ReportUnreadableAsync(new Finding(FindingKind.Unreadable, $"The blobs that were set aside cannot be listed: {e.Message}"));
        }
    }

    private static async ValueTask CheckFilesAsync(CheckRun run, IVerifiableStore files, CancellationToken cancellationToken)
    {
        StoreVerification verification;
        try
        {
            verification = await files.VerifyAsync(
                (_, _) =>
                {
                    run.Advance();
                    return default;
                },
                cancellationToken);
        }
        catch (Exception e) when (run.IsFinding(e))
        {
            await run.ReportUnreadableAsync(new Finding(FindingKind.Unreadable, $"The files of the metadata cannot be verified as a whole: {e.Message}"));
            return;
        }

        foreach (StoreDamage damage in verification.Damage)
        {
            await run.ReportAsync(new Finding(FindingKind.Metadata, $"The file {damage.File} of the metadata is damaged: {damage.Detail}."));
        }
    }
}
