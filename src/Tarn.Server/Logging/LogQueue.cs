using System.Diagnostics.Metrics;
using System.Globalization;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Logging;

/// <summary>
/// Decouples loggers from a sink that may be slow, stuck or gone, so that logging never blocks. A dedicated thread writes;
/// lines that do not fit into the bounded queue are dropped and counted, and one line reports them once the sink accepts lines again.
/// </summary>
internal sealed class LogQueue : IDisposable
{
    /// <summary>The maximum size of the queue, in characters; as many again may be in the batch being written.</summary>
    public const int MaxWaiting = 2 << 20;

    /// <summary>How much room there must be for a line that is still to be made, in characters.</summary>
    private const int RoomOfLine = 16 << 10;

    /// <summary>How long the process waits at its end for a sink that does not accept the last lines.</summary>
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(1);

    private static readonly Counter<long> Dropped = ServerTelemetry.Meter.CreateCounter<long>(
        "tarn.log.dropped", unit: "{line}", description: "Log lines dropped because the sink did not accept them in time.");

    private readonly LogPieces _pieces;
    private readonly ILogLoss? _loss;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly object _gate = new();
    private readonly Thread _thread;
    private List<string> _waiting = [];
    private int _characters;
    private int _writing;
    private long _lost;
    private bool _closed;
    private bool _ending;
    private bool _busy;

    /// <param name="sink">Where the lines go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loss">Is told of lines that are lost; null for the server's own log, which has a line about it.</param>
    /// <param name="patience">How long its end waits for the last lines to be written; null for a second.</param>
    public LogQueue(LogSink sink, TimeProvider time, ILogLoss? loss = null, TimeSpan? patience = null)
    {
        _patience = patience ?? DefaultPatience;
        _pieces = new LogPieces(sink);
        _loss = loss;
        _time = time;
        _thread = new Thread(Run) { IsBackground = true, Name = "Log" };
        _thread.Start();
    }

    /// <summary>Queues a line, without its line end, or drops it. Never blocks.</summary>
    public void Add(string line)
    {
        lock (_gate)
        {
            if (!_closed && _characters + line.Length <= MaxWaiting)
            {
                _waiting.Add(line);
                _characters += line.Length;
                Monitor.PulseAll(_gate);
                return;
            }

            _lost++;
        }

        Count(1);
    }

    /// <summary>Makes a line and queues it; does not make it where it would be dropped. Never blocks.</summary>
    public void Add<T>(T value, Func<T, string> format)
    {
        bool hasRoom;
        lock (_gate)
        {
            hasRoom = !_closed && _characters + RoomOfLine <= MaxWaiting;
            _lost += hasRoom ? 0 : 1;
        }

        if (hasRoom)
        {
            Add(format(value));
        }
        else
        {
            Count(1);
        }
    }

    /// <summary>Waits until everything is written; false if that takes longer than the limit.</summary>
    public bool Flush(TimeSpan limit)
    {
        long started = _time.GetTimestamp();
        lock (_gate)
        {
            while (_busy || _waiting.Count > 0)
            {
                TimeSpan left = limit - _time.GetElapsedTime(started);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_gate, left))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Writes the queued lines, unless the sink is stuck: they are then counted as lost, and the thread ends with the process. Only the first call does anything.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            Monitor.PulseAll(_gate);
        }

        if (_thread.Join(_patience))
        {
            return;
        }

        int left;
        lock (_gate)
        {
            left = _waiting.Count + _writing;
            _waiting.Clear();
            _characters = 0;
        }

        if (left > 0)
        {
            Count(left);
        }
    }

    private void Run()
    {
        var batch = new List<string>();
        while (Take(ref batch, out long lost))
        {
            foreach (string line in batch)
            {
                Lose(_pieces.Add(line), isNew: true);
            }

            Lose(_pieces.Flush(), isNew: true);
            if (lost > 0)
            {
                Lose(Report(lost) ? 0 : lost, isNew: false);
            }

            batch.Clear();
        }
    }

    /// <summary>Takes the queued lines and the count of those dropped meanwhile; false once there will be no more.</summary>
    private bool Take(ref List<string> batch, out long lost)
    {
        lock (_gate)
        {
            _busy = false;
            _writing = 0;
            Monitor.PulseAll(_gate);
            while (_waiting.Count == 0)
            {
                if (_closed)
                {
                    // Lost lines that no other line followed are reported at the end.
                    if (_lost == 0 || _ending)
                    {
                        lost = 0;
                        return false;
                    }

                    _ending = true;
                    break;
                }

                Monitor.Wait(_gate);
            }

            (batch, _waiting) = (_waiting, batch);
            (lost, _lost) = (_lost, 0);
            _characters = 0;
            _writing = batch.Count;
            return _busy = true;
        }
    }

    private void Lose(long lines, bool isNew)
    {
        if (lines == 0)
        {
            return;
        }

        lock (_gate)
        {
            _lost += lines;
        }

        if (isNew)
        {
            Count(lines);
        }
    }

    private void Count(long lines)
    {
        if (_loss is null)
        {
            Dropped.Add(lines);
        }
        else
        {
            _loss.Lost(lines);
        }
    }

    /// <summary>Reports lost lines in the log itself; false if that could not be written either.</summary>
    private bool Report(long lost) =>
        (_loss is null ? Notice(lost) : _loss.Notice(lost)) is not { } notice || _pieces.Add(notice) + _pieces.Flush() == 0;

    private string Notice(long lost) => LogLine.Format(
        _time.GetUtcNow(), LogLevel.Warning, "Tarn.Log", EventIds.LogLinesDropped,
        string.Create(CultureInfo.InvariantCulture, $"{lost} lines were dropped here: the log was not read, or could not be written, in time"), null);
}
