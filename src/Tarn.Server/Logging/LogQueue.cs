using System.Buffers;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Logging;

/// <summary>Writes whole lines, in UTF-8, to the log's destination. May block for as long as nobody reads it.</summary>
/// <exception cref="IOException">Some of the lines were not written.</exception>
internal delegate void LogSink(ReadOnlySpan<byte> lines);

/// <summary>
/// Decouples loggers from a sink that may be slow, stuck or gone, so that logging never blocks. A dedicated thread writes;
/// lines that do not fit into the bounded queue are dropped and counted, and one line reports them once the sink accepts lines again.
/// </summary>
internal sealed class LogQueue : IDisposable
{
    /// <summary>The maximum size of the queue, in characters; as many again may be in the batch being written.</summary>
    public const int MaxWaiting = 2 << 20;

    /// <summary>How long the process waits at its end for a sink that does not accept the last lines.</summary>
    private static readonly TimeSpan LastChance = TimeSpan.FromSeconds(1);

    /// <summary>The approximate number of bytes handed to the sink at a time.</summary>
    private const int PieceSize = 32 * 1024;

    private static readonly Counter<long> Dropped = ServerTelemetry.Meter.CreateCounter<long>(
        "tarn.log.dropped", unit: "{line}", description: "Log lines dropped because the sink did not accept them in time.");

    private readonly LogSink _sink;
    private readonly TimeProvider _time;
    private readonly object _gate = new();
    private readonly ArrayBufferWriter<byte> _piece = new(PieceSize);
    private readonly Thread _thread;
    private List<string> _waiting = [];
    private int _characters;
    private long _lost;
    private bool _closed;
    private bool _busy;
    private int _pieceLines;

    public LogQueue(LogSink sink, TimeProvider time)
    {
        _sink = sink;
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

        Dropped.Add(1);
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

    /// <summary>Writes the queued lines, unless the sink is stuck: the thread then ends with the process.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join(LastChance);
    }

    private void Run()
    {
        var batch = new List<string>();
        while (Take(ref batch, out long lost))
        {
            foreach (string line in batch)
            {
                Append(line);
                _pieceLines++;
                if (_piece.WrittenCount >= PieceSize)
                {
                    Lose(WritePiece() ? 0 : _pieceLines, isNew: true);
                    _pieceLines = 0;
                }
            }

            Lose(WritePiece() ? 0 : _pieceLines, isNew: true);
            _pieceLines = 0;
            if (lost > 0)
            {
                Append(Notice(lost));
                Lose(WritePiece() ? 0 : lost, isNew: false);
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
            Monitor.PulseAll(_gate);
            while (_waiting.Count == 0)
            {
                if (_closed)
                {
                    lost = 0;
                    return false;
                }

                Monitor.Wait(_gate);
            }

            (batch, _waiting) = (_waiting, batch);
            (lost, _lost) = (_lost, 0);
            _characters = 0;
            return _busy = true;
        }
    }

    private void Append(string line)
    {
        Encoding.UTF8.GetBytes(line, _piece);
        _piece.Write("\n"u8);
    }

    private bool WritePiece()
    {
        try
        {
            if (_piece.WrittenCount > 0)
            {
                _sink(_piece.WrittenSpan);
            }

            return true;
        }
        catch (IOException)
        {
            // There is nowhere else to report it; the metric and the notice count the lines.
            return false;
        }
        finally
        {
            _piece.ResetWrittenCount();
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
            Dropped.Add(lines);
        }
    }

    private string Notice(long lost) => LogLine.Format(
        _time.GetUtcNow(), LogLevel.Warning, "Tarn.Log", EventIds.LogLinesDropped,
        string.Create(CultureInfo.InvariantCulture, $"{lost} lines were dropped here: the log was not read, or could not be written, in time"), null);
}
