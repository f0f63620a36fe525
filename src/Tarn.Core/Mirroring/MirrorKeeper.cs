using Tarn.Core.KeyValue;

namespace Tarn.Core.Mirroring;

/// <summary>Brings a side back that is not in use: closes what is left of it, opens it, fills it and lets it count; again and again, until it does.</summary>
internal sealed class MirrorKeeper(Mirror mirror, MirrorSide[] sides, MirrorOptions options) : IAsyncDisposable
{
    private const int MostDoublings = 4;

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Lock _lock = new();
    private MirrorCopy? _lost;
    private Exception? _cause;
    private bool _isDamaged;
    private volatile MirrorFill? _fill;
    private readonly SemaphoreSlim _retry = new(0, 1);
    private Task? _loop;

    // Whether an empty place may be filled that has no mark: once, on a start with one side. A device that drops off later looks like a new disk.
    private bool _mayRebuild;

    // How often in a row it failed; negative where the first attempt need not wait.
    private int _failures;

    /// <summary>Starts the work.</summary>
    /// <param name="missing">Why the other side could not be opened; null if it is to be filled at once, or is in use.</param>
    public void Start(Exception? missing)
    {
        MirrorView view = mirror.View;
        if (view.Twin is null)
        {
            // What can be filled at once need not wait, nor a side whose metadata is known to be damaged.
            _failures = missing is null or StoreDamagedException ? -1 : 0;
            if (missing is not null)
            {
                _cause = missing;
                _isDamaged = missing is StoreDamagedException;
                options.Events.Missing(sides[1 - view.Lead.Index].Name, view.Lead.Side.Name, missing);
            }

            _mayRebuild = options.Rebuild;
            _wake.Release();
        }

        _loop = Task.Run(() => RunAsync());
    }

    /// <summary>Takes over a copy before it is out of use, so that its side is never opened again while it is open.</summary>
    public void Take(MirrorCopy copy, Exception cause)
    {
        lock (_lock)
        {
            _lost = copy;
            _cause = cause;
            _isDamaged |= cause is StoreDamagedException;
        }
    }

    /// <summary>Begins the work on a side that is out of use.</summary>
    public void Wake() => _wake.Release();

    /// <summary>Ends the pause before the next attempt, or leaves it out.</summary>
    public void Retry()
    {
        lock (_lock)
        {
            // Kept for later, it would have the next side that is lost tried at once.
            if (mirror.View.Twin is null && _retry.CurrentCount == 0)
            {
                _retry.Release();
            }
        }
    }

    public IReadOnlyList<MirrorSideStatus> Status()
    {
        MirrorView view = mirror.View;
        var status = new MirrorSideStatus[2];
        for (int i = 0; i < 2; i++)
        {
            MirrorFill? fill = _fill;
            status[i] =
                view.Lead.Index == i || view.Twin?.Index == i ? new(sides[i].Name, MirrorSideState.Whole, default, null)
                : view.Second?.Index == i ? new(sides[i].Name, MirrorSideState.Filling, fill?.Progress ?? default, _cause?.Message)
                : new(sides[i].Name, MirrorSideState.Lost, default, _cause?.Message);
        }

        return status;
    }

    /// <summary>Ends the work. A side may still be lost afterwards.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        if (_loop is not null)
        {
            await _loop;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await CloseLostAsync();
        _stop.Dispose();
        _wake.Dispose();
        _retry.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _wake.WaitAsync(_stop.Token);
                while (mirror.View.Twin is null && !mirror.HasFailed)
                {
                    await CloseLostAsync();
                    if (_failures >= 0)
                    {
                        await PauseAsync(_failures);
                    }

                    _failures = Math.Max(_failures, 0);
                    if (await TryFillAsync(_failures))
                    {
                        _failures = 0;
                        break;
                    }

                    _failures = Math.Min(_failures + 1, MostDoublings);
                }
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The next start goes on.
        }
    }

    private async Task PauseAsync(int failures)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task pause = Task.Delay(options.RetryAfter * (1 << failures), options.Time, ended.Token);
        Task retry = _retry.WaitAsync(ended.Token);
        await Task.WhenAny(pause, retry);
        await ended.CancelAsync();
        await Task.WhenAll(pause, retry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Token.ThrowIfCancellationRequested();
    }

    private async Task<bool> TryFillAsync(int failures)
    {
        MirrorSide side = sides[1 - mirror.View.Lead.Index];
        MirrorCopy? copy = null;
        try
        {
            copy = await OpenAsync(side);
            options.Events.FillBegan(side.Name, mirror.View.Lead.Side.Name);
            var fill = new MirrorFill(mirror, copy);
            _fill = fill;
            await fill.RunAsync(_stop.Token);
            lock (_lock)
            {
                _isDamaged = false;
                _cause = null;
            }

            await RemoveNotesAsync(fill);
            options.Events.Filled(side.Name, mirror.View.Lead.Side.Name, fill.Progress);
            return true;
        }
#pragma warning disable CA1031 // Whatever failed, it is tried again: without this side the store has no second copy.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (_lock)
            {
                _isDamaged |= e is StoreDamagedException;
                _cause = e;
            }

            if (copy is null)
            {
                side.Leave();
            }
            else
            {
                await LoseAsync(copy, e);
            }

            _stop.Token.ThrowIfCancellationRequested();
            options.Events.FillFailed(side.Name, e, options.RetryAfter * (1 << Math.Min(failures + 1, MostDoublings)));
            return false;
        }
        finally
        {
            _fill = null;
        }
    }

    private async Task RemoveNotesAsync(MirrorFill fill)
    {
        try
        {
            await fill.RemoveNotesAsync(_stop.Token);
        }
#pragma warning disable CA1031 // The side counts, and must not be lost for this, nor because the server ends.
        catch (Exception)
#pragma warning restore CA1031
        {
            // What stays has the next fill do again what it asks for, and whoever writes finds out what failed.
        }
    }

    private async Task<MirrorCopy> OpenAsync(MirrorSide side)
    {
        MirrorCopy lead = mirror.View.Lead;
        Examine(side, lead);

        // What is there is an old copy, but a good one, and may be the better one.
        await VerifyAsync(lead);

        // That took long: another disk may be in its place, or another process may have written there.
        Examine(side, lead);
        side.Enter();

        // From here on nobody else writes there.
        MirrorLook look = Examine(side, lead);

        // Before anything changes: what is neither the old content nor the new must never be taken for either.
        await mirror.Committer.BetweenAsync(() =>
        {
            mirror.Begin(side, look.Mark);
            return new(true);
        });
        _mayRebuild = false;
        int index = Array.IndexOf(sides, side);
        try
        {
            return new MirrorCopy(index, side, await side.OpenAsync(_isDamaged, _stop.Token));
        }
        catch (StoreDamagedException) when (!_isDamaged)
        {
            return new MirrorCopy(index, side, await side.OpenAsync(replaceMetadata: true, _stop.Token));
        }
    }

    /// <exception cref="IOException">The side cannot be used, or may not be filled.</exception>
    private MirrorLook Examine(MirrorSide side, MirrorCopy lead)
    {
        MirrorLook look = side.Look();
        var from = new MirrorLook(mirror.Mark, IsEmpty: false, Store: lead.Side.Look().Store);
        return (look.Problem ?? MirrorStart.WhyNotFilled(side.Name, look, lead.Side.Name, from, _mayRebuild)) is { } problem ? throw problem : look;
    }

    private async Task VerifyAsync(MirrorCopy lead)
    {
        if (lead.Metadata is IVerifiableStore store
            && (await store.VerifyAsync(progress: null, _stop.Token)).Damage is [StoreDamage first, ..])
        {
            throw new IOException(
                $"the metadata of {lead.Side.Name} is damaged ({first.File}: {first.Detail}), so nothing is overwritten with it. See docs/operations/mirror.md");
        }
    }

    private async Task LoseAsync(MirrorCopy copy, Exception cause)
    {
        if (mirror.View.Second == copy)
        {
            try
            {
                await mirror.LoseAsync(copy, cause);
            }
            catch (StoreFailedException)
            {
                // No side is left: the copy is closed with the mirror.
            }
        }
        else
        {
            lock (_lock)
            {
                _lost ??= copy;
            }
        }
    }

    private async Task CloseLostAsync()
    {
        MirrorCopy? copy;
        lock (_lock)
        {
            (copy, _lost) = (_lost, null);
        }

        if (copy is null)
        {
            return;
        }

        try
        {
            await copy.CloseAsync();
        }
#pragma warning disable CA1031 // It is lost already, and closing its stores may fail as using them did.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        copy.Side.Leave();
    }
}
