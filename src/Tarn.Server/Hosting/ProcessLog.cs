using Tarn.Server.Logging;

namespace Tarn.Server.Hosting;

/// <summary>The log of a long-running command on standard error, and the signals that end the command, of which the log hears before the process is gone.</summary>
internal sealed class ProcessLog : IDisposable
{
    /// <summary>How long an immediate end waits for the log.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(250);

    private readonly LogQueue _queue;

    /// <param name="level">The least level of lines.</param>
    public ProcessLog(LogLevel level)
    {
        _queue = new LogQueue(StandardStreams.WriteError, TimeProvider.System);
        Lines = new QueuedLoggerProvider(_queue, TimeProvider.System);
        Loggers = LoggerFactory.Create(logging => ServerLogging.Configure(logging, level, Lines));
        Signals = new StopSignals(
            code =>
            {
                _queue.Flush(LastWords);
                ProcessExit.Now(code);
            },
            Loggers.CreateLogger<StopSignals>());
        Signals.Listen();
    }

    /// <summary>What writes the lines, for the loggers of a host.</summary>
    public QueuedLoggerProvider Lines { get; }

    /// <summary>Loggers for what is done outside of a host.</summary>
    public ILoggerFactory Loggers { get; }

    public StopSignals Signals { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Signals.Dispose();
        Loggers.Dispose();
        Lines.Dispose();
        _queue.Dispose();
    }
}
