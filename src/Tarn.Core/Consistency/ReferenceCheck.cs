using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>
/// Compares what rows refer to with what is there, for the data whose ids begin with certain bytes: blobs, rows of small objects and manifests, and the rows that
/// say who shares them.
/// </summary>
internal sealed class ReferenceCheck(CheckRun run, BlobCheck blobCheck, int first, int end)
{
    private readonly PieceTable _pieces = new(run, first, end);
    private readonly HolderReport _report = new(run);

    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _pieces.LoadAsync(cancellationToken);
            await CheckReferencesAsync(cancellationToken);
            await CheckInlineAsync(cancellationToken);
            await CheckManifestsAsync(cancellationToken);
            await CheckBlobsAsync(cancellationToken);
            await CheckMissingAsync(cancellationToken);
            await _report.FinishAsync(cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException || run.IsFinding(e))
        {
            await _report.FlushAsync();
            throw;
        }
    }

    private async ValueTask CheckReferencesAsync(CancellationToken cancellationToken)
    {
        (byte[] from, byte[] to) = _pieces.Range(Tables.BlobReference);
        (Piece? Of, HashSet<ulong> References) held = (null, []);
        await foreach (KeyValueEntry row in run.ScanAsync(from, to, cancellationToken))
        {
            if (RowDecoders.Problem(row) is not null)
            {
                continue;
            }

            Id128 id = RowKeys.IdOf(row.Key);
            Piece? piece = _pieces.Blobs.GetValueOrDefault(id) ?? _pieces.Manifests.GetValueOrDefault(id);
            ulong reference = RowKeys.ReferenceOf(row.Key);
            if (piece is not null && held.Of != piece)
            {
                // The rows of one piece follow each other. It may have a million holders, so they are not searched for each row.
                held = (piece, [.. piece.Holders.Select(static holder => holder.Reference)]);
            }

            if (piece is null || !held.References.Contains(reference))
            {
                await run.ReportAsync(new Finding(FindingKind.References, $"{Nothing} holds the data under this reference, so it will never be removed.")
                {
                    Row = Tables.Describe(row.Key), Data = id.ToString(),
                });
            }

            piece?.AddReference(reference);
        }

        foreach ((Id128 id, Piece piece) in _pieces.Blobs.Concat(_pieces.Manifests))
        {
            await CheckReferencesAsync(id, piece, cancellationToken);
        }
    }

    private async ValueTask CheckReferencesAsync(Id128 id, Piece piece, CancellationToken cancellationToken)
    {
        if (piece.Holders is [{ Reference: 0 }] && piece is { References.Count: 0, IsScheduled: false })
        {
            return;
        }

        var seen = new HashSet<ulong>();
        HashSet<ulong> references = [.. piece.References];
        bool isShared = piece.References.Count > 0 || piece.Holders.Count > 1;
        foreach (Holder holder in piece.Holders)
        {
            if (!seen.Add(holder.Reference))
            {
                await _report.AddAsync(FindingKind.References, id, holder, "Two hold the data under one reference: it will be removed when one of them is.", cancellationToken);
            }
            else if ((isShared || holder.Reference != 0) && !references.Contains(holder.Reference)
                && (await run.GetAsync(Tables.BlobReferenceKey(id, holder.Reference), cancellationToken)).IsAbsent)
            {
                await _report.AddAsync(
                    FindingKind.References, id, holder, "It shares the data, but has no row that says so: the data will be removed when the others that share it are.", cancellationToken);
            }
            else if (piece is { IsScheduled: true, References.Count: 0 })
            {
                await _report.AddAsync(FindingKind.Scheduled, id, holder, "The data is in use, but will be removed when the server runs.", cancellationToken);
            }
        }
    }

    private async ValueTask CheckInlineAsync(CancellationToken cancellationToken)
    {
        (byte[] from, byte[] to) = _pieces.Range(Tables.InlineData);
        await foreach (KeyValueEntry row in run.ScanAsync(from, to, cancellationToken))
        {
            if (RowDecoders.Problem(row) is not null)
            {
                continue;
            }

            Id128 id = RowKeys.IdOf(row.Key);
            if (!_pieces.Inline.TryGetValue(id, out Piece? piece))
            {
                await run.ReportAsync(new Finding(FindingKind.Unreferenced, $"{Nothing} refers to this row of {row.Value.Length} bytes of a small object.")
                {
                    Row = Tables.Describe(row.Key), Data = id.ToString(),
                });
                continue;
            }

            piece.IsFound = true;
            await CheckInlineAsync(id, piece, row.Value, cancellationToken);
        }
    }

    private async ValueTask CheckInlineAsync(Id128 id, Piece piece, byte[] value, CancellationToken cancellationToken)
    {
        foreach (Holder holder in piece.Holders)
        {
            if (piece.Holders.Count > 1)
            {
                await _report.AddAsync(FindingKind.References, id, holder, "Two objects have one row: its bytes will be removed with either.", cancellationToken);
            }

            if (await blobCheck.InlineProblemAsync(id, holder, value, cancellationToken) is { } problem)
            {
                await _report.AddAsync(problem.Kind, id, holder, problem.Detail, cancellationToken);
            }
        }
    }

    private async ValueTask CheckManifestsAsync(CancellationToken cancellationToken)
    {
        (byte[] from, byte[] to) = _pieces.Range(Tables.Manifest);
        await foreach (KeyValueEntry row in run.ScanAsync(from, to, cancellationToken))
        {
            if (!RowKeys.HasLength(Tables.Manifest, row.Key.Length))
            {
                continue;
            }

            Id128 id = RowKeys.IdOf(row.Key);
            Piece? piece = _pieces.Manifests.GetValueOrDefault(id);
            bool isHeld = piece?.Holders.Count > 0;
            if (isHeld && RowKeys.NumberOf(row.Key) < piece!.End)
            {
                piece.Rows++;
            }
            else if (isHeld || piece?.IsScheduled != true)
            {
                await run.ReportAsync(new Finding(FindingKind.Unreferenced, $"{Nothing} refers to this row of a manifest, and it is not waiting to be removed.")
                {
                    Row = Tables.Describe(row.Key), Data = id.ToString(),
                });
            }
        }
    }

    private async ValueTask CheckBlobsAsync(CancellationToken cancellationToken)
    {
        await foreach (BlobInfo info in BlobWalk.RunAsync(run.Blobs, first, end, NotListedAsync, cancellationToken))
        {
            run.Summary = run.Summary with { Blobs = run.Summary.Blobs + 1, BlobBytes = run.Summary.BlobBytes + info.Length };
            run.Advance();
            Piece? piece = _pieces.Blobs.GetValueOrDefault(info.Id.Value);
            if (piece?.Holders.Count > 0)
            {
                piece.IsFound = true;
                await CheckBlobAsync(info, piece, cancellationToken);
            }
            else if (piece?.IsScheduled == true)
            {
                run.Summary = run.Summary with { ScheduledBlobs = run.Summary.ScheduledBlobs + 1 };
            }
            else
            {
                await run.ReportAsync(new Finding(FindingKind.Unreferenced, $"{Nothing} refers to this blob of {info.Length} bytes, and it is not waiting to be removed.")
                {
                    Data = info.Id.ToString(),
                });
            }
        }
    }

    private ValueTask NotListedAsync(Exception e) => run.ReportUnreadableAsync(
        new Finding(FindingKind.Unreadable, $"A directory of blobs cannot be listed as a whole, so blobs that no row refers to may be missed: {e.Message}"));

    private async ValueTask CheckBlobAsync(BlobInfo info, Piece piece, CancellationToken cancellationToken)
    {
        if (await blobCheck.ProblemAsync(info, piece, cancellationToken) is { } problem)
        {
            await ReportAsync(info.Id.Value, piece, problem, cancellationToken);
        }
    }

    private async ValueTask CheckMissingAsync(CancellationToken cancellationToken)
    {
        foreach ((Id128 id, Piece piece) in _pieces.Inline.Where(static pair => !pair.Value.IsFound))
        {
            // Asked for once more: a part of the table may have been unreadable.
            NeededRow row = await run.GetAsync(Tables.InlineDataKey(id), cancellationToken);
            if (row.Value is { } value)
            {
                await CheckInlineAsync(id, piece, value, cancellationToken);
                continue;
            }

            await ReportAsync(
                id,
                piece,
                row.IsAbsent ? new DataProblem(FindingKind.Missing, "The row with the bytes of the small object is missing.")
                    : new DataProblem(FindingKind.Unreadable, "The row with the bytes of the small object cannot be read."),
                cancellationToken);
        }

        foreach ((Id128 id, Piece piece) in _pieces.Manifests.Where(static pair => pair.Value.Rows < pair.Value.End))
        {
            if (await ManifestProblemAsync(id, piece.End, cancellationToken) is { } problem)
            {
                await ReportAsync(id, piece, problem, cancellationToken);
            }
        }

        foreach ((Id128 id, Piece piece) in _pieces.Blobs.Where(static pair => !pair.Value.IsFound && pair.Value.Holders.Count > 0))
        {
            // Looked up once more: a directory may have been unreadable.
            (BlobInfo? info, DataProblem? problem) = await blobCheck.FindAsync(new BlobId(id), cancellationToken);
            if (problem is { } wrong)
            {
                await ReportAsync(id, piece, wrong, cancellationToken);
            }
            else
            {
                run.Summary = run.Summary with { Blobs = run.Summary.Blobs + 1, BlobBytes = run.Summary.BlobBytes + info!.Value.Length };
                await CheckBlobAsync(info.Value, piece, cancellationToken);
            }
        }
    }

    private async ValueTask<DataProblem?> ManifestProblemAsync(Id128 id, long rows, CancellationToken cancellationToken)
    {
        long missing = 0;
        for (int chunk = 0; chunk < rows; chunk++)
        {
            NeededRow row = await run.GetAsync(Tables.ManifestKey(id, chunk), cancellationToken);
            if (row.IsUnreadable)
            {
                return new DataProblem(FindingKind.Unreadable, $"Of the {rows} rows of its manifest, row {chunk} cannot be read.");
            }

            missing += row.IsAbsent ? 1 : 0;
        }

        return missing == 0 ? null : new DataProblem(FindingKind.Missing, $"Of the {rows} rows of its manifest, {missing} are missing.");
    }

    private async ValueTask ReportAsync(Id128 id, Piece piece, DataProblem problem, CancellationToken cancellationToken)
    {
        foreach (Holder holder in piece.Holders)
        {
            await _report.AddAsync(problem.Kind, id, holder, problem.Detail, cancellationToken);
        }
    }

    private string Nothing => run.Summary.IsIncomplete ? "No row that can be read" : "No row";
}
