using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tarn.Tests.Mirroring;

/// <summary>Keeps which events were logged, and what they said.</summary>
internal sealed class EventLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _seen = new();

    public ConcurrentQueue<(int Id, string Text)> Events { get; } = new();

    /// <summary>Completes when an event has been logged.</summary>
    public Task WhenAsync(int id) => Of(id).Task.WaitAsync(TimeSpan.FromMinutes(1));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Events.Enqueue((eventId.Id, formatter(state, exception)));
        Of(eventId.Id).TrySetResult();
    }

    public void Dispose()
    {
    }

    private TaskCompletionSource Of(int id) => _seen.GetOrAdd(id, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
