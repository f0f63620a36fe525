using Microsoft.Extensions.Time.Testing;

namespace Tarn.TestKit.Clocks;

/// <summary>What clocks do that are set by hand.</summary>
public static class ClockExtensions
{
    /// <summary>Sets a clock on or back, as an administrator does: no timer fires for it.</summary>
    public static void Shift(this FakeTimeProvider clock, TimeSpan by)
    {
        ArgumentNullException.ThrowIfNull(clock);
        clock.AdjustTime(clock.GetUtcNow() + by);
    }
}
