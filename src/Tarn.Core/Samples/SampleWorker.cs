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
    private SampleWalk? _interrupted;
    private uint _hour;
    private long _since;

    internal SampleWorker(SampleWriter writer, ActivityLedger ledger, TimeProvider clock)
    {
        _writer = writer;
        _ledger = ledger;
        _clock = clock;
        _hour = SampleStep.Hour.NumberOf(clock.GetUtcNow());
        _since = clock.GetTimestamp();
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
            await StopAsync(failed, patience.Token);
        }
    }

    /// <summary>Writes the samples of the hour if it is no longer the present one.</summary>
    internal async Task LookAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        uint now = SampleStep.Hour.NumberOf(_clock.GetUtcNow());
        if (now != _hour)
        {
            await WriteAsync(now, rests: true, failed, cancellationToken);
        }
    }

    /// <summary>Writes what an interrupted walk did not reach, and what was counted in this hour.</summary>
    internal async Task StopAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        if (_interrupted is { } walk)
        {
            await WriteAsync(walk, rests: false, failed, cancellationToken);
        }

        await WriteAsync(SampleStep.Hour.NumberOf(_clock.GetUtcNow()), rests: false, failed, cancellationToken);
    }

    /// <summary>Writes what was counted since the last time. From now on the next hour is counted, also while this one is written.</summary>
    internal Task WriteAsync(uint now, bool rests, Action<Exception> failed, CancellationToken cancellationToken)
    {
        long at = _clock.GetTimestamp();
        long observed = (long)Math.Clamp(_clock.GetElapsedTime(_since, at).TotalSeconds, 0, SampleStep.Hour.Seconds);
        var walk = new SampleWalk(_hour, now > _hour, observed, _ledger.Take());
        (_hour, _since) = (now, at);
        return WriteAsync(walk, rests, failed, cancellationToken);
    }

    private async Task WriteAsync(SampleWalk walk, bool rests, Action<Exception> failed, CancellationToken cancellationToken)
    {
        _interrupted = walk;
        try
        {
            await _writer.WriteAsync(walk, rests, failed, cancellationToken);
            foreach (ulong gone in walk.Activity.Keys)
            {
                _ledger.Forget(gone);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            failed(e);
        }

        _interrupted = null;
    }
}
