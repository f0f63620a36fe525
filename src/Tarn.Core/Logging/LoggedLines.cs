namespace Tarn.Core.Logging;

/// <summary>A line about a request.</summary>
/// <param name="BucketId">The id of the bucket that it is about.</param>
/// <param name="Bucket">Its name.</param>
/// <param name="Time">When the request was made.</param>
/// <param name="Text">The line, in ASCII, without its end.</param>
public readonly record struct LoggedLine(ulong BucketId, string Bucket, DateTimeOffset Time, string Text);

/// <summary>Lines in memory, until they are written to disk: so that no request waits for that. Bounded; thread-safe.</summary>
/// <param name="options">How many characters fit.</param>
/// <param name="tally">Counts what does not fit.</param>
/// <param name="clock">Measures how long lines wait.</param>
public sealed class LoggedLines(LogOptions options, LogTally tally, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private List<LoggedLine> _waiting = [];
    private int _characters;
    private long _lost;
    private long _since;
    private bool _isClosed;
    private TaskCompletionSource _half = NewSignal();

    /// <summary>Is complete once half of the room is used.</summary>
    public Task HalfFull
    {
        get
        {
            lock (_gate)
            {
                return _half.Task;
            }
        }
    }

    /// <summary>How long the oldest line waits; zero when none does.</summary>
    public TimeSpan OldestAge
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count == 0 ? default : clock.GetElapsedTime(_since);
            }
        }
    }

    /// <summary>Adds a line, or drops and counts it. Never blocks.</summary>
    public void Add(LoggedLine line)
    {
        TaskCompletionSource? half = null;
        lock (_gate)
        {
            if (_isClosed || _characters + line.Text.Length > options.QueuedCharacters)
            {
                _lost++;
                tally.AddLost(LogLoss.Queue, 1);
                return;
            }

            if (_waiting.Count == 0)
            {
                _since = clock.GetTimestamp();
            }

            _waiting.Add(line);
            _characters += line.Text.Length;
            half = _characters >= options.QueuedCharacters / 2 ? _half : null;
        }

        half?.TrySetResult();
    }

    /// <summary>Takes all lines, in the order in which they were added.</summary>
    /// <param name="lost">How many were dropped since the last call.</param>
    public IReadOnlyList<LoggedLine> Take(out long lost)
    {
        lock (_gate)
        {
            List<LoggedLine> taken = _waiting;
            (_waiting, _characters) = ([], 0);
            (lost, _lost) = (_lost, 0);
            if (_half.Task.IsCompleted)
            {
                _half = NewSignal();
            }

            return taken;
        }
    }

    /// <summary>Takes no more lines: from now on they are counted as lost.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
