namespace Tarn.Core.Cache;

/// <summary>
/// Whether the cache's device is in use. After it failed to write, or several reads in a row, or did not answer in time, it is left alone for a while: then sources are asked, which is slower and
/// never wrong. Reading, writing and growing are left alone each by itself.
/// </summary>
internal sealed class DeviceHealth(TimeProvider time, TimeSpan pause, ICacheObserver observer, CacheCounters counters)
{
    // A sector that cannot be read is no reason to leave the device alone.
    private const int ToleratedReads = 3;

    // When it is used again, as a timestamp; 0 when it was not left alone.
    private long _readsAgain, _writesAgain, _growsAgain;
    private int _failedReads;

    public bool AreReadsPaused => IsBefore(ref _readsAgain);

    public bool AreWritesPaused => IsBefore(ref _writesAgain);

    public bool IsGrowthPaused => IsBefore(ref _growsAgain);

    public void FailRead(Exception failure)
    {
        bool isTolerated = failure is not TimeoutException && Interlocked.Increment(ref _failedReads) <= ToleratedReads;
        Fail(failure, ref _readsAgain, isTolerated);
    }

    public void FailWrite(Exception failure) => Fail(failure, ref _writesAgain, isTolerated: false);

    public void FailGrowth(Exception failure) => Fail(failure, ref _growsAgain, isTolerated: false);

    public void SucceedRead()
    {
        if (Volatile.Read(ref _failedReads) != 0)
        {
            Volatile.Write(ref _failedReads, 0);
        }

        Succeed(ref _readsAgain);
    }

    public void SucceedWrite() => Succeed(ref _writesAgain);

    private bool IsBefore(ref long again)
    {
        long end = Volatile.Read(ref again);
        return end != 0 && time.GetTimestamp() < end;
    }

    private void Fail(Exception failure, ref long again, bool isTolerated)
    {
        Interlocked.Increment(ref counters.DeviceErrors);
        if (!isTolerated)
        {
            Volatile.Write(ref again, time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency));
        }

        observer.DeviceFailed(failure, isTolerated ? null : pause);
    }

    private void Succeed(ref long again)
    {
        long end = Volatile.Read(ref again);

        // What began before the failure and ends well meanwhile is no recovery.
        if (end != 0 && time.GetTimestamp() >= end && Interlocked.CompareExchange(ref again, 0, end) == end)
        {
            observer.DeviceRecovered();
        }
    }
}
