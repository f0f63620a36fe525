namespace Tarn.Core.Scrubbing;

/// <summary>What scrubbing does at the moment.</summary>
public enum ScrubActivity
{
    /// <summary>It is turned off.</summary>
    Off,

    /// <summary>It waits for the next pass.</summary>
    Waiting,

    /// <summary>A pass is under way.</summary>
    Running,

    /// <summary>An operator paused it.</summary>
    Paused,
}

/// <summary>One pass over all data.</summary>
/// <param name="Began">When it began.</param>
/// <param name="Finished">When it ended; null while it is under way.</param>
/// <param name="Counts">What it has counted.</param>
/// <param name="Failures">What could not be read, up to a number; all are counted.</param>
public sealed record ScrubPass(DateTimeOffset Began, DateTimeOffset? Finished, ScrubCounts Counts, IReadOnlyList<string> Failures);

/// <summary>The state of scrubbing.</summary>
/// <param name="Activity">What it does.</param>
/// <param name="Current">The pass under way, also while it is paused; null when there is none.</param>
/// <param name="Last">The last pass that ended; null when none has.</param>
/// <param name="Next">When the next pass begins; null when one is under way, or none will.</param>
/// <param name="OrphansKeptBecause">Why nothing that was set aside is removed by itself at present; null when it is, once its retention is over.</param>
public sealed record ScrubStatus(ScrubActivity Activity, ScrubPass? Current, ScrubPass? Last, DateTimeOffset? Next, string? OrphansKeptBecause);
