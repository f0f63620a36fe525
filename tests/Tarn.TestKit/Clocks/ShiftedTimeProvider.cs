namespace Tarn.TestKit.Clocks;

/// <summary>
/// A clock ahead of another by as much as a test says, while time passes as on the other: of the system's, for tests whose requests are signed, or whose files are written, by the
/// real time; or of one that the test sets, as an administrator sets it wrong.
/// </summary>
/// <param name="inner">The other clock; null: the system's.</param>
public sealed class ShiftedTimeProvider(TimeProvider? inner = null) : TimeProvider
{
    private readonly TimeProvider _inner = inner ?? System;

    /// <summary>How far the clock is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => _inner.TimestampFrequency;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow() + Ahead;

    /// <inheritdoc/>
    public override long GetTimestamp() => _inner.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _inner.CreateTimer(callback, state, dueTime, period);
}
