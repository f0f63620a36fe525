namespace Tarn.Server.Logging;

/// <summary>Creates loggers that put each event, as one line, into a <see cref="LogQueue"/>.</summary>
internal sealed class QueuedLoggerProvider(LogQueue queue, TimeProvider time) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new QueuedLogger(categoryName, queue, time);

    public void Dispose()
    {
        // The process owns the queue: two logger factories write to it.
    }

    private sealed class QueuedLogger(string category, LogQueue queue, TimeProvider time) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                queue.Add(LogLine.Format(time.GetUtcNow(), logLevel, category, eventId.Id, formatter(state, exception), exception));
            }
        }
    }
}
