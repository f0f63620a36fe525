using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>The state of scrubbing in memory, and its row.</summary>
internal sealed class ScrubProgress(IKeyValueStore store, ScrubOptions options, TimeProvider clock) : IDisposable
{
    /// <summary>So many failures of a pass are remembered, so that none counts twice.</summary>
    private const int MaxTold = 10_000;

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private RecordFormatException? _unreadable;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _saving = new(1);
    private volatile ScrubState _state = new();
    private volatile bool _isLoaded;
    private long _saved = clock.GetTimestamp();
    private long _counted = clock.GetTimestamp();

    /// <summary>The state; empty before it was loaded.</summary>
    public ScrubState State => _state;

    /// <summary>Reads the row, once.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        if (_isLoaded)
        {
            return;
        }

        await _saving.WaitAsync(cancellationToken);
        try
        {
            if (!_isLoaded)
            {
                _state = await ReadAsync(cancellationToken);
                _isLoaded = true;
            }
        }
        finally
        {
            _saving.Release();
        }
    }

    /// <summary>The state in the row. It is no more than a position: scrubbing begins anew without one that cannot be decoded.</summary>
    private async ValueTask<ScrubState> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Rows.FindAsync(store, Tables.ScrubKey, ScrubState.Decode, cancellationToken) ?? new ScrubState();
        }
        catch (RecordFormatException e)
        {
            _unreadable = e;
            return new ScrubState();
        }
    }

    /// <summary>For how long the store has been served in all, in milliseconds.</summary>
    public async ValueTask<long> ServedAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        CountServed();
        return _state.Served;
    }

    private void CountServed() => Change(state =>
    {
        var passed = (long)clock.GetElapsedTime(_counted).TotalMilliseconds;
        _counted += passed * clock.TimestampFrequency / 1000;
        return state with { Served = state.Served + passed };
    });

    /// <summary>Changes the state in memory.</summary>
    public void Change(Func<ScrubState, ScrubState> change)
    {
        lock (_lock)
        {
            _state = change(_state);
        }
    }

    /// <summary>What was counted since the process started.</summary>
    public ScrubCounts Totals { get; private set; } = new();

    /// <summary>Adds to what the pass has counted.</summary>
    public void Count(Func<ScrubCounts, ScrubCounts> count) => Change(state =>
    {
        Totals = count(Totals);
        return state with { Counts = count(state.Counts) };
    });

    /// <summary>Notes something that could not be read, once in a pass.</summary>
    public void Failed(string what) => Change(state =>
    {
        if (state.Failures.Contains(what) || (_told.Count < MaxTold && !_told.Add(what)))
        {
            return state;
        }

        Totals = Totals with { Failures = Totals.Failures + 1 };
        return state.Failed(what);
    });

    /// <summary>Tells the operator of something with the failures of the pass that is none of them: everything could be read.</summary>
    public void Note(string what) => Change(state => state.Failures.Contains(what) ? state : state.Noted(what));

    /// <summary>Begins a pass.</summary>
    public void Begin(long now) => Change(state =>
    {
        _told.Clear();
        return state with { Phase = ScrubPhase.Data, IsRequested = false, Began = now, Position = [], DoneInRow = null, DoneOf = null, Counts = new(), Failures = [] };
    });

    /// <summary>Why the row could not be used when it was read; null when it could, or that was asked before.</summary>
    public RecordFormatException? TakeUnreadable() => Interlocked.Exchange(ref _unreadable, null);

    /// <summary>Notes that all rows before a key are done.</summary>
    public void Passed(byte[] next) => Change(state => state with { Position = next, DoneInRow = null, DoneOf = null });

    /// <summary>Notes that a row's pieces of data are done up to this one.</summary>
    /// <param name="row">The row.</param>
    /// <param name="of">The manifest or the upload: another one may get the same row.</param>
    /// <param name="data">The last piece that is done.</param>
    public void PassedInRow(byte[] row, Id128 of, Id128 data) => Change(state => state with { Position = row, DoneOf = of, DoneInRow = data });

    /// <summary>Writes the row, unless that was done a moment ago.</summary>
    public ValueTask SaveIfDueAsync(CancellationToken cancellationToken) => SaveIfDueAsync(options.SaveInterval, cancellationToken);

    /// <summary>Writes the row, unless that was done less than <paramref name="pause"/> ago.</summary>
    public ValueTask SaveIfDueAsync(TimeSpan pause, CancellationToken cancellationToken) => clock.GetElapsedTime(_saved) < pause ? default : SaveAsync(cancellationToken);

    /// <summary>Writes the row. That the disk is full is no failure: after a restart the pass then starts further back.</summary>
    /// <exception cref="IOException">The metadata store failed.</exception>
    public async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        await _saving.WaitAsync(cancellationToken);
        try
        {
            CountServed();
            await store.CommitAsync(new KeyValueBatch().Put(Tables.ScrubKey, _state.Encode()), cancellationToken);
        }
        catch (StorageFullException)
        {
            // As above.
        }
        finally
        {
            _saved = clock.GetTimestamp();
            _saving.Release();
        }
    }

    /// <summary>Changes the state by order of an operator, which is durable when this returns.</summary>
    /// <exception cref="StorageFullException">There is no room; the order is not followed.</exception>
    public async ValueTask OrderAsync(Func<ScrubState, ScrubState> change, CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        await _saving.WaitAsync(cancellationToken);
        try
        {
            await store.CommitAsync(new KeyValueBatch().AsRemoval().Put(Tables.ScrubKey, change(_state).Encode()), cancellationToken);
            Change(change);
        }
        finally
        {
            _saving.Release();
        }
    }

    public void Dispose() => _saving.Dispose();
}
