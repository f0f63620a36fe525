namespace Tarn.Core.Samples;

/// <summary>Has samples written: at the end of each hour, and when the server stops.</summary>
public sealed class SampleWorker
{
    /// <summary>How often it looks at the clock, which may be set at any time.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>How long writing may delay the server's end; buckets that are not reached lose what was counted in this hour.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>So many hours are kept for the writer at most, the one that it writes among them, about 7 MB each; what is counted then stays in the hour that has begun, until there is room.</summary>
    private const int MaxWalks = 4;

    private readonly SampleWriter _writer;
    private readonly ActivityLedger _ledger;
    private readonly TimeProvider _clock;

    // What is to be written; the first may be written already, or was interrupted.
    private readonly Queue<SampleWalk> _walks = new();
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

    /// <summary>Writes the samples of the hour if it is no longer the present one, and of those that end meanwhile. An hour of which that fails has none; those that wait are for the next call.</summary>
    internal Task LookAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        TakeIfOver();
        return WriteAsync(rests: true, failed, cancellationToken);
    }

    /// <summary>Writes what interrupted walks did not reach, and what was counted in this hour.</summary>
    internal Task StopAsync(Action<Exception> failed, CancellationToken cancellationToken) =>
        WriteAsync(SampleStep.Hour.NumberOf(_clock.GetUtcNow()), rests: false, failed, cancellationToken);

    /// <summary>Writes what was counted since the last time.</summary>
    internal Task WriteAsync(uint now, bool rests, Action<Exception> failed, CancellationToken cancellationToken)
    {
        Take(now);
        return WriteAsync(rests, failed, cancellationToken);
    }

    private void TakeIfOver()
    {
        uint now = SampleStep.Hour.NumberOf(_clock.GetUtcNow());
        if (now != _hour && _walks.Count < MaxWalks)
        {
            Take(now);
        }
    }

    /// <summary>Takes what was counted since the last time, to be written. From now on the next hour is counted.</summary>
    private void Take(uint now)
    {
        long at = _clock.GetTimestamp();
        long observed = (long)Math.Clamp(_clock.GetElapsedTime(_since, at).TotalSeconds, 0, SampleStep.Hour.Seconds);
        _walks.Enqueue(new SampleWalk(_hour, now > _hour, observed, _ledger.Take()));
        (_hour, _since) = (now, at);
    }

    private async Task WriteAsync(bool rests, Action<Exception> failed, CancellationToken cancellationToken)
    {
        // A store that is away for a moment costs one hour, not all that wait. A server that stops has no later call.
        bool hasFailed = false;
        while (!(hasFailed && rests) && _walks.TryPeek(out SampleWalk? walk))
        {
            try
            {
                await _writer.WriteAsync(walk, MayRest, failed, cancellationToken);
                foreach (ulong gone in walk.Activity.Keys)
                {
                    _ledger.Forget(gone);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
                hasFailed = true;
            }

            _walks.Dequeue();
        }

        // With very many buckets an hour may end while the one before it is written.
        bool MayRest()
        {
            if (!rests)
            {
                return false;
            }

            TakeIfOver();
            return _walks.Count == 1;
        }
    }
}
