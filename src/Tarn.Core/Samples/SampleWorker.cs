namespace Tarn.Core.Samples;

/// <summary>Has samples written: at the end of each hour, and when the server stops.</summary>
public sealed class SampleWorker
{
    /// <summary>How often it looks at the clock, which may be set at any time.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>How long writing may delay the server's end; buckets that are not reached lose what was counted in this hour.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SampleWriter _writer;
    private readonly ActivityLedger _ledger;
    private readonly TimeProvider _clock;
    private uint _hour;
    private long _since;

    internal SampleWorker(SampleWriter writer, ActivityLedger ledger, TimeProvider clock)
    {
        _writer = writer;
        _ledger = ledger;
        _clock = clock;
        Begin(SampleStep.Hour.NumberOf(clock.GetUtcNow()));
    }

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(Action<Exception> failed, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(failed);
        try
        {
            while (true)
            {
                await LookAsync(failed, stopping);
                DateTimeOffset now = _clock.GetUtcNow();
                TimeSpan left = SampleStep.Hour.StartOf(SampleStep.Hour.NumberOf(now) + 1) - now;
                await Task.Delay(left < Pause ? left : Pause, _clock, stopping);
            }
        }
        finally
        {
            using var patience = new CancellationTokenSource(Patience, _clock);
            await WriteAsync(SampleStep.Hour.NumberOf(_clock.GetUtcNow()), failed, patience.Token);
        }
    }

    /// <summary>Writes the samples of the hour if it is no longer the present one.</summary>
    internal async Task LookAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        uint now = SampleStep.Hour.NumberOf(_clock.GetUtcNow());
        if (now != _hour)
        {
            await WriteAsync(now, failed, cancellationToken);
            Begin(now);
        }
    }

    /// <summary>Writes what was counted since the last time.</summary>
    internal async Task WriteAsync(uint now, Action<Exception> failed, CancellationToken cancellationToken)
    {
        Dictionary<ulong, BucketActivity> activity = _ledger.Take();
        try
        {
            long observed = (long)Math.Clamp(_clock.GetElapsedTime(_since).TotalSeconds, 0, SampleStep.Hour.Seconds);
            if (await _writer.WriteAsync(_hour, now > _hour, observed, activity, failed, cancellationToken))
            {
                foreach (ulong gone in activity.Keys)
                {
                    _ledger.Forget(gone);
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            failed(e);
        }
    }

    private void Begin(uint hour)
    {
        _hour = hour;
        _since = _clock.GetTimestamp();
    }
}
