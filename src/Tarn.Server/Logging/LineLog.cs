using System.Diagnostics.Metrics;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Logging;

/// <summary>
/// A log beside the server's own: the access log or the audit log. Nobody waits for it: lines go through a bounded queue to a thread of its own, and those that
/// are lost are counted in a metric and reported in the server's log.
/// </summary>
internal sealed partial class LineLog : ILogLoss, IDisposable
{
    /// <summary>The time between two lines in the server's log about the same trouble.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private static readonly Counter<long> Dropped = ServerTelemetry.Meter.CreateCounter<long>(
        "tarn.line_log.dropped", unit: "{line}", description: "Lines of the access log and the audit log that were lost because their file did not accept them.");

    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Func<DateTimeOffset, long, string>? _notice;
    private readonly LogSink _sink;
    private readonly LogQueue _queue;
    private readonly Lock _gate = new();
    private string _reason = "it is not read, or written, fast enough";
    private DateTimeOffset _next;
    private long _unreported;

    /// <param name="name">Its name in messages: <c>access log</c>.</param>
    /// <param name="sink">Where the lines go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The server's log.</param>
    /// <param name="notice">Makes a line for the log itself about so many lines lost before it; null: only the server's log has that.</param>
    /// <param name="patience">How long its end waits for the last lines to be written; null for a second.</param>
    public LineLog(string name, LogSink sink, TimeProvider time, ILogger<LineLog> logger, Func<DateTimeOffset, long, string>? notice = null, TimeSpan? patience = null)
    {
        _name = name;
        _sink = sink;
        _time = time;
        _logger = logger;
        _notice = notice;
        _queue = new LogQueue(Write, time, this, patience);
    }

    /// <summary>Adds a line, without its end, or drops it. Never blocks.</summary>
    public void Add(string line) => _queue.Add(line);

    /// <summary>Makes a line and adds it; does not make it where it would be dropped. Never blocks.</summary>
    public void Add<T>(T value, Func<T, string> format) => _queue.Add(value, format);

    /// <summary>Waits until everything is written; false if that takes longer than the limit.</summary>
    public bool Flush(TimeSpan limit) => _queue.Flush(limit);

    void ILogLoss.Lost(long lines)
    {
        Dropped.Add(lines, new KeyValuePair<string, object?>("log", _name));
        string reason;
        lock (_gate)
        {
            _unreported += lines;
            if (_time.GetUtcNow() < _next)
            {
                return;
            }

            _next = _time.GetUtcNow() + Pause;
            (lines, _unreported) = (_unreported, 0);
            reason = _reason;
        }

        LogLost(_logger, _name, lines, reason);
    }

    string? ILogLoss.Notice(long lines)
    {
        long rest;
        lock (_gate)
        {
            (rest, _unreported) = (_unreported, 0);
        }

        if (rest > 0)
        {
            LogLost(_logger, _name, rest, "until now");
        }

        return _notice?.Invoke(_time.GetUtcNow(), lines);
    }

    /// <summary>Writes what is left. What a stuck sink does not take in time is lost, and reported.</summary>
    public void Dispose()
    {
        _queue.Dispose();
        string reason;
        long rest;
        lock (_gate)
        {
            (rest, _unreported) = (_unreported, 0);
            reason = _reason;
        }

        if (rest > 0)
        {
            LogLost(_logger, _name, rest, reason);
        }
    }

    private void Write(ReadOnlySpan<byte> lines)
    {
        try
        {
            _sink(lines);
        }
        catch (IOException e)
        {
            lock (_gate)
            {
                _reason = e.Message;
            }

            throw;
        }
    }

    [LoggerMessage(EventIds.LinesLost, LogLevel.Error, "{Lines} lines of the {Log} were lost: {Reason}")]
    private static partial void LogLost(ILogger logger, string log, long lines, string reason);
}
