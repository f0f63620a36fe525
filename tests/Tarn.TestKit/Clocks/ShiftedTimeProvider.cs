namespace Tarn.TestKit.Clocks;

/// <summary>
/// The system's clock, ahead of it by as much as a test says, for tests whose requests are signed, or whose files are written, by the real
/// time; all others use FakeTimeProvider.
/// </summary>
public sealed class ShiftedTimeProvider : TimeProvider
{
    /// <summary>How far the clock is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
