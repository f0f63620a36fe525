namespace Tarn.Core.Disks.Listing;

/// <summary>What all walks share.</summary>
/// <param name="Loader">Where directories' names come from.</param>
/// <param name="SlowLook">How long a look at one file takes where it pays to take several at once.</param>
/// <param name="Clock">To measure it.</param>
internal sealed record WalkSettings(SnapshotLoader Loader, TimeSpan SlowLook, TimeProvider Clock);

/// <summary>How many directories may be entered for one page, so that a page of an empty forest ends too.</summary>
internal sealed class WalkBudget(int directories)
{
    private int _left = directories;

    public bool TrySpend() => _left-- > 0;
}
