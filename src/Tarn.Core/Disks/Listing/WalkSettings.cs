namespace Tarn.Core.Disks.Listing;

/// <summary>Settings that all walks share.</summary>
/// <param name="Loader">Loads the names of directories.</param>
/// <param name="SlowLook">Time per file from which examining several at once pays off.</param>
/// <param name="Clock">Measures that time.</param>
internal sealed record WalkSettings(SnapshotLoader Loader, TimeSpan SlowLook, TimeProvider Clock);

/// <summary>Bounds the directories that are entered for one page, so that a page ends even where no directory has files.</summary>
internal sealed class WalkBudget(int directories)
{
    private int _left = directories;

    public bool TrySpend() => _left-- > 0;
}
