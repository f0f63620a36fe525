namespace Tarn.Core.Disks.Writing;

/// <summary>
/// Lets one request at a time work on an upload. A newcomer interrupts the one that appends: that is usually the same client again, whose lost connection
/// the server has not noticed yet.
/// </summary>
internal sealed class UploadTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, UploadTurn> _holders = [];
    private long _entrants;

    /// <summary>Waits for the turn, which ends when the result is disposed.</summary>
    public ValueTask<UploadTurn> EnterAsync(string upload, CancellationToken cancellationToken) => EnterAsync(upload, NextNumber(), cancellationToken);

    /// <param name="number">Of those who enter, the later has the higher one: who came before the holder waits without interrupting it.</param>
    internal async ValueTask<UploadTurn> EnterAsync(string upload, long number, CancellationToken cancellationToken)
    {
        while (true)
        {
            UploadTurn? before;
            lock (_gate)
            {
                if (!_holders.TryGetValue(upload, out before))
                {
                    var turn = new UploadTurn(this, upload, number);
                    _holders.Add(upload, turn);
                    return turn;
                }
            }

            if (before.Number < number)
            {
                before.Interrupt();
            }

            await before.Ended.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Takes the turn, if no one has it; null if someone does, who is not interrupted.</summary>
    public UploadTurn? TryEnter(string upload)
    {
        lock (_gate)
        {
            var turn = new UploadTurn(this, upload, NextNumber());
            return _holders.TryAdd(upload, turn) ? turn : null;
        }
    }

    internal long NextNumber() => Interlocked.Increment(ref _entrants);

    internal void Leave(string upload)
    {
        lock (_gate)
        {
            _holders.Remove(upload);
        }
    }
}

/// <summary>The turn of one request to work on an upload.</summary>
internal sealed class UploadTurn(UploadTurns turns, string upload, long number) : IDisposable
{
    private readonly CancellationTokenSource _interrupted = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private bool _isOver;

    /// <summary>Cancelled when another request wants the turn.</summary>
    public CancellationToken Interrupted => _interrupted.Token;

    /// <summary>When its holder came, in the order of all.</summary>
    public long Number => number;

    /// <summary>Completed at its end.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Asks for the turn to end.</summary>
    public void Interrupt()
    {
        lock (_gate)
        {
            if (!_isOver)
            {
                // What it interrupts goes on elsewhere, and not in this lock.
                _ = _interrupted.CancelAsync();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true;
        }

        turns.Leave(upload);
        _interrupted.Dispose();
        _ended.SetResult();
    }
}
