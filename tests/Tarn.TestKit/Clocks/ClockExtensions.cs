using Microsoft.Extensions.Time.Testing;

namespace Tarn.TestKit.Clocks;

/// <summary>Extensions for clocks that tests set.</summary>
public static class ClockExtensions
{
    /// <summary>Sets a clock forward or back, as an administrator does: no timer fires because of it.</summary>
    public static void Shift(this FakeTimeProvider clock, TimeSpan by)
    {
        ArgumentNullException.ThrowIfNull(clock);
        clock.AdjustTime(clock.GetUtcNow() + by);
    }
}
