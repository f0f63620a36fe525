namespace Tarn.Server.Accelerator.Forwarding;

/// <summary>How often a line about one matter is logged, however often it happens.</summary>
internal sealed class LogPace(TimeProvider time)
{
    /// <summary>The least time between two lines.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private long? _last;
    private long _times;

    /// <summary>Counts that it happened, and says whether to log it now.</summary>
    /// <param name="times">How often it has happened since the last line, this time included.</param>
    public bool IsDue(out long times)
    {
        lock (_gate)
        {
            times = ++_times;
            if (_last is { } last && time.GetElapsedTime(last) < Pause)
            {
                return false;
            }

            (_last, _times) = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
