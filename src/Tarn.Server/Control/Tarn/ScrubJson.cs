using Tarn.Core.Scrubbing;

namespace Tarn.Server.Control.Tarn;

/// <summary>The state of scrubbing.</summary>
internal sealed record ScrubView
{
    /// <summary>What it does: <c>off</c>, <c>waiting</c>, <c>running</c> or <c>paused</c>.</summary>
    public required string State { get; init; }

    /// <summary>The pass under way.</summary>
    public ScrubPassView? Current { get; init; }

    /// <summary>The last pass that ended.</summary>
    public ScrubPassView? Last { get; init; }

    /// <summary>When the next pass begins, if that is known.</summary>
    public DateTime? Next { get; init; }

    /// <summary>Why nothing that was set aside is removed by itself at present; absent when it is, once its retention is over.</summary>
    public string? OrphansKeptBecause { get; init; }

    public static ScrubView Of(ScrubStatus status) => new()
    {
        State = status.Activity switch
        {
            ScrubActivity.Off => "off",
            ScrubActivity.Running => "running",
            ScrubActivity.Paused => "paused",
            _ => "waiting",
        },
        Current = status.Current is { } current ? ScrubPassView.Of(current) : null,
        Last = status.Last is { } last ? ScrubPassView.Of(last) : null,
        Next = status.Next?.UtcDateTime,
        OrphansKeptBecause = status.OrphansKeptBecause,
    };
}

/// <summary>A pass over all data.</summary>
internal sealed record ScrubPassView
{
    /// <summary>When it began.</summary>
    public required DateTime Began { get; init; }

    /// <summary>When it ended.</summary>
    public DateTime? Finished { get; init; }

    /// <summary>Objects, versions and parts of uploads in progress that were looked at.</summary>
    public required long Objects { get; init; }

    /// <summary>Bytes read and verified.</summary>
    public required long Bytes { get; init; }

    /// <summary>Pieces of data found damaged.</summary>
    public required long Damaged { get; init; }

    /// <summary>Blobs of older builds that cannot be verified.</summary>
    public required long NotVerifiable { get; init; }

    /// <summary>Blobs of older builds that were verified and got checksums.</summary>
    public required long Sealed { get; init; }

    /// <summary>Blobs that were written anew, since the device had wrong bytes of them and the right ones could still be had.</summary>
    public required long Rewritten { get; init; }

    /// <summary>Blobs that were needed and brought back from among those set aside.</summary>
    public required long BroughtBack { get; init; }

    /// <summary>Blobs of which a damaged or missing copy was rewritten from the other side of the mirror.</summary>
    public required long Repaired { get; init; }

    /// <summary>How many times something could not be read.</summary>
    public required long Failures { get; init; }

    /// <summary>Blobs that nothing refers to.</summary>
    public required long Orphans { get; init; }

    /// <summary>Their size in bytes.</summary>
    public required long OrphanBytes { get; init; }

    public static ScrubPassView Of(ScrubPass pass) => new()
    {
        Began = pass.Began.UtcDateTime,
        Finished = pass.Finished?.UtcDateTime,
        Objects = pass.Counts.Objects,
        Bytes = pass.Counts.Bytes,
        Damaged = pass.Counts.Damaged,
        NotVerifiable = pass.Counts.NotVerifiable,
        Sealed = pass.Counts.Sealed,
        Rewritten = pass.Counts.Rewritten,
        BroughtBack = pass.Counts.BroughtBack,
        Repaired = pass.Counts.Repaired,
        Failures = pass.Counts.Failures,
        Orphans = pass.Counts.Orphans,
        OrphanBytes = pass.Counts.OrphanBytes,
    };
}

/// <summary>What scrubbing found.</summary>
/// <param name="Scrub">The state of scrubbing.</param>
/// <param name="CurrentFailures">What could not be read in the pass under way; at most 50 of them.</param>
/// <param name="LastFailures">What could not be read in the last pass that ended; at most 50 of them.</param>
/// <param name="Damaged">The first damaged objects and parts.</param>
/// <param name="HasMoreDamaged">Whether there are more of them, which the list of damage has.</param>
internal sealed record ScrubReport(
    ScrubView Scrub, IReadOnlyList<string> CurrentFailures, IReadOnlyList<string> LastFailures, IReadOnlyList<DamagedView> Damaged, bool HasMoreDamaged);
