using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Scrubbing;

/// <summary>
/// Looks, pass by pass, whether all stored data is there and is what was stored, and whether there is data that nothing refers to. docs/design/scrub.md.
/// A pass that was cut off goes on where it was.
/// </summary>
public sealed class ScrubWorker : IDisposable
{
    /// <summary>How long to wait after a failure of the metadata store.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromMinutes(1);

    /// <summary>How often what is set aside is looked at between passes.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromDays(1);

    /// <summary>How long it waits at most, before it saves for how long the store was served.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromHours(1);

    private readonly IKeyValueStore _store;
    private readonly IBlobStore _blobs;
    private readonly CheckedBlobs _checked;
    private readonly ObjectReader _reader;
    private readonly DamageList _damage;
    private readonly OrphanShelf _shelf;
    private readonly ScrubOptions _options;
    private readonly TimeProvider _clock;
    private readonly ScrubProgress _progress;
    private readonly BlobHolders _holders;
    private readonly OrphanScan _orphans;
    private readonly DateTimeOffset _created;
    private readonly Lock _lock = new();
    private CancellationTokenSource? _pass;
    private long? _looked;
    private volatile string? _unknown;
    private volatile bool _isWaiting;
    private volatile int _waits;
    private TaskCompletionSource _ordered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ScrubWorker(
        IKeyValueStore store, IBlobStore blobs, CheckedBlobs checkedBlobs, ObjectReader reader, DamageList damage, OrphanShelf shelf, ScrubOptions options, TimeProvider clock)
    {
        _store = store;
        _blobs = blobs;
        _checked = checkedBlobs;
        _reader = reader;
        _damage = damage;
        _shelf = shelf;
        _options = options;
        _clock = clock;
        _progress = new ScrubProgress(store, options, clock);
        _holders = new BlobHolders(store, clock) { Pause = options.OrphanPause, Failed = HolderFailed, InFlight = () => InFlight() };
        _orphans = new OrphanScan(store, blobs, _holders, clock) { SliceBlobs = options.SliceBlobs, Failed = _progress.Failed, SetAside = SetAsideAsync };
        shelf.Served = _progress.ServedAsync;
        _created = clock.GetUtcNow();
    }

    /// <summary>Tells how many requests are being served, so that it can make room for them.</summary>
    public Func<int> InFlight { get; set; } = static () => 0;

    /// <summary>Is told of each pass that ended; null: nobody is.</summary>
    public Action<ScrubPass>? Finished { get; set; }

    /// <summary>Whether it waits for time to pass or for an order.</summary>
    internal bool IsWaiting => _isWaiting;

    /// <summary>How often it began to wait.</summary>
    internal int Waits => _waits;

    /// <summary>The limits.</summary>
    public ScrubOptions Options => _options;

    /// <summary>What the last finished search found that no row refers to, and left where it is; null while there is none.</summary>
    public OrphanCount? Orphans => _orphans.Left;

    /// <summary>What was counted since the process started.</summary>
    public ScrubCounts Totals => _progress.Totals;

    /// <summary>The state, as far as it was read: the passes of earlier processes are known once <see cref="LoadAsync"/> has returned.</summary>
    public ScrubStatus Status
    {
        get
        {
            ScrubState state = _progress.State;
            ScrubActivity activity = _options.BytesPerSecond == 0 ? ScrubActivity.Off
                : state.IsPaused ? ScrubActivity.Paused
                : state.Phase != ScrubPhase.None || state.IsRequested ? ScrubActivity.Running
                : ScrubActivity.Waiting;
            return new ScrubStatus(
                activity,
                state.Phase == ScrubPhase.None ? null : new ScrubPass(Time(state.Began), null, state.Counts, state.Failures),
                state.LastFinished == 0 ? null : new ScrubPass(Time(state.LastBegan), Time(state.LastFinished), state.LastCounts, state.LastFailures),
                activity == ScrubActivity.Waiting ? Next(state) : null,
                KeptBecause(activity, state));
        }
    }

    /// <summary>Reads the state, once.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        await _progress.LoadAsync(cancellationToken);
        await _orphans.LoadAsync(cancellationToken);
    }

    /// <summary>Scrubs until cancelled. Failures are reported and retried.</summary>
    public async Task RunAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan wait;
            Task ordered;
            lock (_lock)
            {
                ordered = _ordered.Task;
            }

            try
            {
                await LoadAsync(cancellationToken);
                if (_shelf.Count is null)
                {
                    await _shelf.LookAsync(cancellationToken);
                }

                if (_progress.TakeUnreadable() is { } unreadable)
                {
                    failed(new InvalidDataException($"The state of scrubbing cannot be read, so it begins anew, and is not paused if it was: {unreadable.Message}", unreadable));
                }

                wait = DueIn();
                if (wait <= TimeSpan.Zero)
                {
                    await RunUnlessPausedAsync(PassAsync, cancellationToken);
                    wait = DueIn();
                }
                else if (_looked is not { } looked || _clock.GetElapsedTime(looked) >= LookInterval)
                {
                    await RunUnlessPausedAsync(ExpireAsync, cancellationToken);
                    _looked = _clock.GetTimestamp();
                }

                await _progress.SaveIfDueAsync(LongWait, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
                wait = Retry;
            }

            if (wait > TimeSpan.Zero)
            {
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                Task due = Task.Delay(wait, _clock, waiting.Token);
                _isWaiting = !ordered.IsCompleted;
                _waits++;
                await Task.WhenAny(due, ordered);
                _isWaiting = false;
                cancellationToken.ThrowIfCancellationRequested();
                await waiting.CancelAsync();
            }
        }
    }

    /// <summary>Begins a pass at once, unless one is under way, and goes on with a paused one.</summary>
    /// <exception cref="StorageFullException">There is no room to remember it.</exception>
    /// <exception cref="InvalidOperationException">Scrubbing is turned off.</exception>
    public ValueTask StartAsync(CancellationToken cancellationToken) => _options.BytesPerSecond == 0
        ? throw new InvalidOperationException("Scrubbing is turned off.")
        : OrderAsync(static state => state with { IsPaused = false, IsRequested = state.Phase == ScrubPhase.None }, cancellationToken);

    /// <summary>Interrupts the pass under way, and begins no other, until <see cref="StartAsync"/> or <see cref="ResumeAsync"/>; also after a restart.</summary>
    /// <exception cref="StorageFullException">There is no room to remember it.</exception>
    public ValueTask PauseAsync(CancellationToken cancellationToken) => OrderAsync(static state => state with { IsPaused = true }, cancellationToken);

    /// <summary>Ends a pause: a pass that was interrupted goes on; otherwise the next begins when it is due.</summary>
    /// <exception cref="StorageFullException">There is no room to remember it.</exception>
    public ValueTask ResumeAsync(CancellationToken cancellationToken) => OrderAsync(static state => state with { IsPaused = false }, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _progress.Dispose();

    /// <summary>Finishes the pass under way, or runs a whole one.</summary>
    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        if (_progress.State.Phase == ScrubPhase.None)
        {
            long now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
            _progress.Begin(now);
            await _progress.SaveAsync(cancellationToken);
        }

        var pace = new ScrubPace(_options, InFlight, _clock);
        if (_progress.State.Phase == ScrubPhase.Data)
        {
            var blobs = new BlobScrub(_store, _blobs, _shelf, _checked, _damage, _progress, pace, _options, _clock);
            await new DataScrub(_store, _reader, new ManifestReader(_store, _damage), _damage, blobs, _progress, pace, _options, _clock).RunAsync(cancellationToken);
            _progress.Change(static state => state with { Phase = ScrubPhase.Orphans, Position = [], DoneInRow = null, DoneOf = null });
            await _progress.SaveAsync(cancellationToken);
        }

        // If it cannot be known, the result of the pass before stays.
        OrphanCount? orphans = await _orphans.RunOnceAsync(cancellationToken);
        long end = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        _progress.Change(state => state with
        {
            Phase = ScrubPhase.None,
            LastBegan = state.Began,
            LastFinished = end,
            LastCounts = state.Counts with { Orphans = orphans?.Blobs ?? state.LastCounts.Orphans, OrphanBytes = orphans?.Bytes ?? state.LastCounts.OrphanBytes },
            LastFailures = state.Failures,
        });
        await _progress.SaveAsync(cancellationToken);
        await ExpireAsync(cancellationToken);
        Finished?.Invoke(Status.Last!);
    }

    /// <summary>Sets a blob aside, unless rows could not be read in this pass, which may refer to it.</summary>
    private async ValueTask<bool> SetAsideAsync(BlobId id, long length, CancellationToken cancellationToken) =>
        _progress.State.Counts.Failures == 0 && await _shelf.SetAsideAsync(id, length, cancellationToken);

    /// <summary>Removes what has been aside for long enough, unless the last pass could not read all rows.</summary>
    private async Task ExpireAsync(CancellationToken cancellationToken)
    {
        if (_options.BytesPerSecond > 0 && _progress.State is { LastFinished: > 0, LastCounts.Failures: 0 })
        {
            _unknown = null;
            await _shelf.ExpireAsync(_holders, _progress.Failed, cancellationToken);
        }
        else
        {
            await _shelf.LookAsync(cancellationToken);
        }

        _looked = _clock.GetTimestamp();
    }

    private void HolderFailed(string what)
    {
        _unknown ??= what;
        _progress.Failed(what);
    }

    /// <summary>Why nothing that was set aside is removed at present.</summary>
    private string? KeptBecause(ScrubActivity activity, ScrubState state) =>
        _shelf.KeptBecause ?? (activity, state) switch
        {
            (ScrubActivity.Off, _) => "Scrubbing is turned off.",
            (ScrubActivity.Paused, _) => "Scrubbing is paused.",
            (_, { LastFinished: 0 }) => "No pass has ended yet.",
            (_, { LastCounts.Failures: > 0 }) => $"The last pass could not read everything, so rows may refer to them that are not known ({state.LastCounts.Failures} failures, 'tarn scrub report' lists them).",
            _ => _unknown,
        };

    private Task PassAsync(CancellationToken cancellationToken) => BackgroundSpan.RunAsync("Scrub", async span =>
    {
        await RunOnceAsync(cancellationToken);
        span?.SetTag("tarn.scrub.damaged", _progress.State.LastCounts.Damaged);
    });

    private async Task RunUnlessPausedAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var pass = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lock (_lock)
        {
            if (_progress.State.IsPaused)
            {
                return;
            }

            _pass = pass;
        }

        try
        {
            await work(pass.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Paused. What is done is noted below.
        }
        finally
        {
            lock (_lock)
            {
                _pass = null;
            }

            if (_progress.State.Phase != ScrubPhase.None)
            {
                await _progress.SaveAsync(CancellationToken.None);
            }
        }
    }

    private async ValueTask OrderAsync(Func<ScrubState, ScrubState> change, CancellationToken cancellationToken)
    {
        await _progress.OrderAsync(change, cancellationToken);
        lock (_lock)
        {
            if (_progress.State.IsPaused)
            {
                _pass?.Cancel();
            }

            _isWaiting = false;
            _ordered.TrySetResult();
            _ordered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private TimeSpan DueIn()
    {
        ScrubState state = _progress.State;
        if (_options.BytesPerSecond == 0 || state.IsPaused)
        {
            return LongWait;
        }

        if (state.Phase != ScrubPhase.None || state.IsRequested)
        {
            return TimeSpan.Zero;
        }

        TimeSpan wait = Next(state) - _clock.GetUtcNow();
        return wait < LongWait ? wait : LongWait;
    }

    /// <summary>When the next pass begins. If the clock was set back, it is not put off for longer than an interval.</summary>
    private DateTimeOffset Next(ScrubState state)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        DateTimeOffset next = state.LastFinished == 0 ? _created + _options.FirstDelay : Time(state.LastBegan) + _options.Interval;
        return next - now > _options.Interval ? now + _options.Interval : next;
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
