namespace Tarn.Core.Scrubbing;

/// <summary>
/// Limits how many bytes and how many reads scrubbing takes from the device in a second. While requests are in flight it takes a quarter of that.
/// </summary>
/// <param name="options">The limits.</param>
/// <param name="inFlight">How many requests are being served; asked before each read.</param>
/// <param name="clock">Measures time.</param>
internal sealed class ScrubPace(ScrubOptions options, Func<int> inFlight, TimeProvider clock)
{
    /// <summary>How much slower it is while requests are served.</summary>
    public const int Yielding = 4;

    /// <summary>The resolution of timers.</summary>
    private static readonly TimeSpan MinWait = TimeSpan.FromMilliseconds(1);

    /// <summary>The most a slow stretch is credited later: enough to make up for a wait that took too long, not for a burst.</summary>
    private static readonly TimeSpan MaxCredit = TimeSpan.FromMilliseconds(10);

    private long _since = clock.GetTimestamp();
    private TimeSpan _due;

    /// <summary>Waits until reads are due. For one caller at a time.</summary>
    /// <param name="bytes">Bytes to read.</param>
    /// <param name="reads">Reads of the device.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async ValueTask WaitAsync(long bytes, int reads, CancellationToken cancellationToken)
    {
        double seconds = Math.Max((double)bytes / options.BytesPerSecond, (double)reads / options.ReadsPerSecond);
        _due += TimeSpan.FromSeconds(seconds * (inFlight() > 0 ? Yielding : 1));
        TimeSpan ahead = _due - clock.GetElapsedTime(_since);
        if (ahead < -MaxCredit)
        {
            _since = clock.GetTimestamp();
            _due = -MaxCredit;
        }
        else if (ahead >= MinWait)
        {
            await Task.Delay(ahead, clock, cancellationToken);
        }
    }
}
