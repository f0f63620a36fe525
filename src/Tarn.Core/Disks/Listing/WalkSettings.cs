namespace Tarn.Core.Disks.Listing;

/// <summary>Settings that all walks share.</summary>
/// <param name="Loader">Loads the names of directories.</param>
/// <param name="SlowLook">Time per file from which examining several at once pays off.</param>
/// <param name="Clock">Measures that time.</param>
internal sealed record WalkSettings(SnapshotLoader Loader, TimeSpan SlowLook, TimeProvider Clock);

/// <summary>What a listing walks over, and within which bounds; a walk within the walk shares it.</summary>
/// <param name="Tree">The tree.</param>
/// <param name="OwnerId">The canonical id to show as the owner of every file.</param>
/// <param name="Settings">Settings that all walks share.</param>
/// <param name="Budget">The directories that may still be entered.</param>
/// <param name="Cancellation">Cancels the listing.</param>
internal sealed record WalkContext(ReadableTree Tree, string OwnerId, WalkSettings Settings, WalkBudget Budget, CancellationToken Cancellation);

/// <summary>Bounds the directories that are entered for one page, so that a page ends even where no directory has files.</summary>
internal sealed class WalkBudget(int directories)
{
    private int _left = directories;

    public bool TrySpend() => _left-- > 0;
}
